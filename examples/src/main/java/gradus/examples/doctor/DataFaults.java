package gradus.examples.doctor;

import static gradus.doctor.Diagnosis.AUGMENTATION_TOO_STRONG;
import static gradus.doctor.Diagnosis.CLASS_IMBALANCE;
import static gradus.doctor.Diagnosis.DATA_NOT_SHUFFLED;
import static gradus.doctor.Diagnosis.EXPLODING_GRADIENTS;
import static gradus.doctor.Diagnosis.INPUT_NOT_NORMALIZED;
import static gradus.doctor.Diagnosis.LABEL_NOISE;
import static gradus.doctor.Diagnosis.LR_TOO_HIGH;
import static gradus.doctor.Diagnosis.NON_FINITE_DATA;
import static gradus.doctor.Diagnosis.OVER_REGULARIZATION;
import static gradus.examples.doctor.Scenario.faulty;

import gradus.data.Dataset;
import gradus.data.image.Image;
import gradus.data.transform.Normalize;
import gradus.data.transform.RandomErasing;
import gradus.data.transform.RandomRotation;
import gradus.data.transform.Transform;
import gradus.examples.doctor.Scenario.Twin;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Pictures, labels, and how they come. */
final class DataFaults {
  private final Pictures grey;

  DataFaults(Pictures grey) {
    this.grey = grey;
  }

  List<Scenario> all() {
    return List.of(p06(), p07(), p08(), p09(), p10(), p22());
  }

  private Scenario p06() {
    Normalize levels = Normalize.of(new float[] {0}, new float[] {1f / 255});
    return faulty(
        "P06",
        "pixels 0 to 255",
        Twin.A,
        () -> Recipe.plain(grey).input(levels),
        INPUT_NOT_NORMALIZED,
        LR_TOO_HIGH,
        EXPLODING_GRADIENTS);
  }

  private Scenario p07() {
    List<Integer> damaged = List.of(700, 2_100, 4_321);
    Dataset train =
        AlteredDataset.images(
            grey.train(),
            "with NaN in images " + damaged,
            (index, image) -> damaged.contains(index) ? withNaN(image) : image);
    return faulty(
        "P07",
        "NaN in 3 of 5,000 images",
        Twin.A,
        () -> Recipe.plain(grey.train(train)),
        NON_FINITE_DATA);
  }

  private static Image withNaN(Image image) {
    float[] values = values(image);
    values[values.length / 2] = Float.NaN;
    return Image.ofFloats(image.channels(), image.height(), image.width(), values);
  }

  private static float[] values(Image image) {
    float[] values = new float[image.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = image.valueAt(i);
    }
    return values;
  }

  private Scenario p08() {
    return faulty(
        "P08",
        "2,000 images of class 0, 20 of each other one",
        Twin.A,
        () -> Recipe.plain(grey.perClass(label -> label == 0 ? 2_000 : 20)),
        CLASS_IMBALANCE);
  }

  private Scenario p09() {
    int[] from = IntStream.range(0, grey.train().size()).toArray();
    Random random = new Random(9);
    for (int i = from.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = from[i];
      from[i] = from[j];
      from[j] = kept;
    }
    Dataset train =
        AlteredDataset.labels(
            grey.train(), "with labels in another order", i -> grey.train().label(from[i]));
    return faulty(
        "P09",
        "images shuffled, labels not",
        Twin.A,
        () -> Recipe.plain(grey.train(train)),
        LABEL_NOISE);
  }

  private Scenario p10() {
    int[] sorted =
        IntStream.range(0, grey.train().size())
            .boxed()
            .sorted(Comparator.comparingInt(grey.train()::label))
            .mapToInt(Integer::intValue)
            .toArray();
    return faulty(
        "P10",
        "sorted by class, not shuffled",
        Twin.A,
        () -> Recipe.plain(grey.train(grey.train().subset(sorted))).unshuffled(),
        DATA_NOT_SHUFFLED);
  }

  private Scenario p22() {
    return faulty(
        "P22",
        "noise of up to 0.5 on half of the pixels, 40 to 80 % erased, turned by up to 180 degrees",
        Twin.A,
        () ->
            Recipe.plain(grey)
                .augmentation(
                    new PixelNoise(0.5, 0.5),
                    new RandomRotation(180),
                    new RandomErasing(1, 0.4, 0.8, 0.8, 1.25, 0)),
        AUGMENTATION_TOO_STRONG,
        OVER_REGULARIZATION);
  }

  /** Adds a number of up to {@code strength}, up or down, to a {@code share} of the values. */
  private record PixelNoise(double share, double strength) implements Transform {
    @Override
    public Image apply(Image image, RandomGenerator random) {
      float[] values = values(image);
      for (int i = 0; i < values.length; i++) {
        if (random.nextDouble() < share) {
          values[i] += (float) (strength * (2 * random.nextDouble() - 1));
        }
      }
      return Image.ofFloats(image.channels(), image.height(), image.width(), values);
    }

    @Override
    public Transform withoutChance() {
      return Transform.identity();
    }
  }
}
