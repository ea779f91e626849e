package gradus.examples.doctor;

import static gradus.doctor.Diagnosis.AUGMENTATION_TOO_STRONG;
import static gradus.doctor.Diagnosis.CLASS_IMBALANCE;
import static gradus.doctor.Diagnosis.DATA_LEAKAGE;
import static gradus.doctor.Diagnosis.DATA_NOT_SHUFFLED;
import static gradus.doctor.Diagnosis.EXPLODING_GRADIENTS;
import static gradus.doctor.Diagnosis.INPUT_NOT_NORMALIZED;
import static gradus.doctor.Diagnosis.LABEL_NOISE;
import static gradus.doctor.Diagnosis.LR_TOO_HIGH;
import static gradus.doctor.Diagnosis.LR_TOO_LOW;
import static gradus.doctor.Diagnosis.NON_FINITE_DATA;
import static gradus.doctor.Diagnosis.OVERFITTING;
import static gradus.doctor.Diagnosis.OVER_REGULARIZATION;
import static gradus.doctor.Diagnosis.PREPROCESSING_MISMATCH;
import static gradus.examples.doctor.Scenario.faulty;

import gradus.data.Dataset;
import gradus.data.image.Image;
import gradus.data.transform.GaussianNoise;
import gradus.data.transform.Normalize;
import gradus.data.transform.RandomErasing;
import gradus.data.transform.Transform;
import gradus.examples.doctor.Scenario.Twin;
import gradus.layer.GELU;
import gradus.layer.Initializer;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Pictures, labels, and how they come, other than the public ones. */
final class FurtherDataFaults {
  private final Pictures grey;
  private final Pictures color;

  FurtherDataFaults(Pictures grey, Pictures color) {
    this.grey = grey;
    this.color = color;
  }

  List<Scenario> all() {
    return List.of(
        levelsInValidation(),
        unstandardizedValidation(),
        leak(),
        wrongLabels(),
        hundredfold(),
        dividedTwice(),
        shiftedLabels(),
        missingClass(),
        fiftyToOne(),
        harshAugmentation(),
        infinity(),
        pairsOfClasses(),
        mirrored(),
        someWrongLabels());
  }

  private Scenario levelsInValidation() {
    Normalize levels = Normalize.of(new float[] {0}, new float[] {1f / 255});
    return faulty(
        "V01",
        "pixels 0 to 255 in validation alone",
        Twin.A,
        () -> Recipe.plain(grey).validationInput(levels),
        PREPROCESSING_MISMATCH);
  }

  private Scenario unstandardizedValidation() {
    return faulty(
        "V02",
        "pixels 0 to 1 in validation, standardised in training",
        Twin.B,
        () -> Recipe.normalized(color).validationInput(Normalize.none(3)),
        PREPROCESSING_MISMATCH);
  }

  private Scenario leak() {
    Dataset train =
        grey.train().concat(grey.validation().subset(IntStream.range(0, 300).toArray()));
    return faulty(
        "V03",
        "300 of 1,000 pictures of validation are in training as well",
        Twin.A,
        () -> Recipe.plain(grey.train(train)),
        DATA_LEAKAGE);
  }

  private Scenario wrongLabels() {
    Dataset train = withDrawnLabels(0.6);
    return faulty(
        "V19",
        "60 % of the labels drawn at random, 15 epochs",
        Twin.A,
        () -> Recipe.plain(grey.train(train)).epochs(15),
        LABEL_NOISE,
        OVERFITTING);
  }

  private Scenario someWrongLabels() {
    Dataset train = withDrawnLabels(0.3);
    return faulty(
        "V41",
        "30 % of the labels drawn at random, 40 epochs",
        Twin.A,
        () -> Recipe.plain(grey.train(train)).optimizer(Recipe.sgd(0.02)).epochs(40),
        LABEL_NOISE,
        OVERFITTING);
  }

  private Dataset withDrawnLabels(double share) {
    Random random = new Random(19);
    Dataset all = grey.train();
    int[] labels =
        IntStream.range(0, all.size())
            .map(i -> random.nextDouble() < share ? random.nextInt(10) : all.label(i))
            .toArray();
    return AlteredDataset.labels(all, "with drawn labels: " + share, i -> labels[i]);
  }

  private Scenario mirrored() {
    return faulty(
        "V40",
        "digits mirrored in validation alone",
        Twin.A,
        () -> Recipe.plain(grey).validationInput(new Mirror().then(grey.normalize())),
        PREPROCESSING_MISMATCH);
  }

  private Scenario hundredfold() {
    return faulty(
        "V20",
        "GELU, standardised pixels times 100",
        Twin.A,
        () ->
            Recipe.plain(grey)
                .network(() -> FurtherNetworks.activated(GELU::new, Initializer.kaimingNormal()))
                .input(scaled(100)),
        INPUT_NOT_NORMALIZED,
        LR_TOO_HIGH,
        EXPLODING_GRADIENTS);
  }

  private Normalize scaled(float factor) {
    float[] deviation = grey.normalize().standardDeviation().clone();
    for (int i = 0; i < deviation.length; i++) {
      deviation[i] /= factor;
    }
    return Normalize.of(grey.normalize().mean(), deviation);
  }

  private Scenario dividedTwice() {
    Normalize twice = Normalize.of(new float[] {0}, new float[] {255});
    return faulty(
        "V21",
        "divided by 255 twice",
        Twin.A,
        () -> Recipe.plain(grey).input(twice),
        INPUT_NOT_NORMALIZED,
        LR_TOO_LOW);
  }

  private Scenario shiftedLabels() {
    Dataset validation = grey.validation();
    Dataset shifted =
        AlteredDataset.labels(
            validation, "with labels from 1", i -> (validation.label(i) + 1) % 10);
    return faulty(
        "V24",
        "labels of validation shifted by one",
        Twin.A,
        () -> Recipe.plain(new Pictures(grey.pool(), grey.train(), shifted, grey.normalize())),
        LABEL_NOISE,
        PREPROCESSING_MISMATCH);
  }

  private Scenario missingClass() {
    return faulty(
        "V28",
        "no picture of class 3 and 7 in training",
        Twin.A,
        () -> Recipe.plain(grey.perClass(label -> label == 3 || label == 7 ? 0 : 500)),
        CLASS_IMBALANCE);
  }

  private Scenario fiftyToOne() {
    return faulty(
        "V29",
        "800 drawn pictures of five classes, 16 of the other five",
        Twin.B,
        () -> Recipe.normalized(color.perClass(label -> label < 5 ? 800 : 16)),
        CLASS_IMBALANCE);
  }

  private Scenario harshAugmentation() {
    return faulty(
        "V33",
        "noise of deviation 0.5, 60 to 90 % erased",
        Twin.B,
        () ->
            Recipe.normalized(color)
                .augmentation(
                    new GaussianNoise(0, 0.5), new RandomErasing(1, 0.6, 0.9, 0.8, 1.25, 0)),
        AUGMENTATION_TOO_STRONG,
        OVER_REGULARIZATION);
  }

  private Scenario infinity() {
    Dataset train =
        AlteredDataset.images(
            color.train(),
            "with infinity in image 5000",
            (index, image) -> index == 5_000 ? withInfinity(image) : image);
    return faulty(
        "V34",
        "infinity in 1 of 8,000 pictures",
        Twin.B,
        () -> Recipe.normalized(color.train(train)),
        NON_FINITE_DATA);
  }

  private static Image withInfinity(Image image) {
    float[] values = new float[image.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = image.valueAt(i);
    }
    values[0] = Float.POSITIVE_INFINITY;
    return Image.ofFloats(image.channels(), image.height(), image.width(), values);
  }

  private Scenario pairsOfClasses() {
    Dataset all = grey.train();
    int[] paired =
        IntStream.range(0, all.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> all.label(i) / 2))
            .mapToInt(Integer::intValue)
            .toArray();
    return faulty(
        "V35",
        "two classes at a time, not shuffled",
        Twin.A,
        () -> Recipe.plain(grey.train(all.subset(paired))).unshuffled(),
        DATA_NOT_SHUFFLED);
  }

  /** Always left for right, so that it is no augmentation. */
  private record Mirror() implements Transform {
    @Override
    public Image apply(Image image, RandomGenerator random) {
      float[] values = new float[image.size()];
      int width = image.width();
      for (int i = 0; i < values.length; i++) {
        values[i] = image.valueAt(i / width * width + width - 1 - i % width);
      }
      return Image.ofFloats(image.channels(), image.height(), width, values);
    }
  }
}
