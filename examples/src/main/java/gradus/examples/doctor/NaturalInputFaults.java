package gradus.examples.doctor;

import static gradus.doctor.Diagnosis.AUGMENTATION_TOO_STRONG;
import static gradus.doctor.Diagnosis.EXPLODING_GRADIENTS;
import static gradus.doctor.Diagnosis.INPUT_NOT_NORMALIZED;
import static gradus.doctor.Diagnosis.LR_TOO_HIGH;
import static gradus.doctor.Diagnosis.OVER_REGULARIZATION;
import static gradus.doctor.Diagnosis.PREPROCESSING_MISMATCH;
import static gradus.examples.doctor.Scenario.faulty;

import gradus.data.image.Image;
import gradus.data.transform.CenterCrop;
import gradus.data.transform.ColorJitter;
import gradus.data.transform.Cutout;
import gradus.data.transform.Normalize;
import gradus.data.transform.RandomHorizontalFlip;
import gradus.data.transform.RandomResizedCrop;
import gradus.data.transform.Resize;
import gradus.data.transform.Transform;
import gradus.examples.doctor.Scenario.Twin;
import java.util.List;
import java.util.random.RandomGenerator;

/** Photographs that are prepared wrongly, in training, in validation or in both. */
final class NaturalInputFaults {
  private final Pictures natural;

  NaturalInputFaults(Pictures natural) {
    this.natural = natural;
  }

  List<Scenario> all() {
    return List.of(
        levels(), otherRange(), channelOrder(), enlargedMiddle(), splinters(), coveredUp());
  }

  private Scenario levels() {
    Normalize levels = Normalize.of(new float[3], new float[] {1f / 255, 1f / 255, 1f / 255});
    return faulty(
        "N01",
        "pixels 0 to 255, SGD, learning rate 0.01",
        Twin.E,
        () -> Recipe.tutorial(natural).input(levels).optimizer(Recipe.sgd(0.01)),
        INPUT_NOT_NORMALIZED,
        LR_TOO_HIGH,
        EXPLODING_GRADIENTS);
  }

  private Scenario otherRange() {
    float[] half = {0.5f, 0.5f, 0.5f};
    return faulty(
        "N02",
        "pixels -1 to 1 in training, 0 to 1 in validation",
        Twin.D,
        () ->
            Recipe.photographs(natural)
                .input(Normalize.of(half, half))
                .validationInput(Normalize.none(3)),
        PREPROCESSING_MISMATCH);
  }

  private Scenario channelOrder() {
    return faulty(
        "N03",
        "blue before green before red in validation alone, as OpenCV reads",
        Twin.D,
        () ->
            Recipe.photographs(natural).validationInput(new BlueFirst().then(natural.normalize())),
        PREPROCESSING_MISMATCH);
  }

  private Scenario enlargedMiddle() {
    return faulty(
        "N04",
        "the middle 16x16 enlarged in validation, whole pictures in training",
        Twin.E,
        () ->
            Recipe.tutorial(natural)
                .validationInput(
                    CenterCrop.of(16).then(Resize.exact(32, 32)).then(natural.normalize())),
        PREPROCESSING_MISMATCH);
  }

  private Scenario splinters() {
    return faulty(
        "N05",
        "crops of 2 to 6 % of the area, enlarged, in colours by chance",
        Twin.D,
        () ->
            Recipe.photographs(natural)
                .augmentation(
                    new RandomResizedCrop(32).scale(0.02, 0.06),
                    new ColorJitter(0.8, 0.8, 0.8, 0.4),
                    new RandomHorizontalFlip()),
        AUGMENTATION_TOO_STRONG,
        OVER_REGULARIZATION);
  }

  private Scenario coveredUp() {
    return faulty(
        "N06",
        "group norm, four squares of 20 pixels cut out of every picture",
        Twin.D,
        () ->
            Recipe.photographs(natural)
                .network(NaturalNetworks::grouped)
                .optimizer(Recipe.adamW(0.003, 0.01))
                .augmentation(new Cutout(20), new Cutout(20), new Cutout(20), new Cutout(20)),
        AUGMENTATION_TOO_STRONG,
        OVER_REGULARIZATION);
  }

  private record BlueFirst() implements Transform {
    @Override
    public Image apply(Image image, RandomGenerator random) {
      float[] values = new float[image.size()];
      int plane = image.height() * image.width();
      for (int i = 0; i < values.length; i++) {
        int channel = image.channels() - 1 - i / plane;
        values[i] = image.valueAt(channel * plane + i % plane);
      }
      return Image.ofFloats(image.channels(), image.height(), image.width(), values);
    }
  }
}
