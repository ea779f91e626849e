package gradus.examples.command;

import gradus.data.image.Image;
import gradus.data.image.PaddingMode;
import gradus.data.transform.BatchTransform;
import gradus.data.transform.ColorJitter;
import gradus.data.transform.CutMix;
import gradus.data.transform.Cutout;
import gradus.data.transform.GaussianBlur;
import gradus.data.transform.GaussianNoise;
import gradus.data.transform.MixUp;
import gradus.data.transform.RandAugment;
import gradus.data.transform.RandomAffine;
import gradus.data.transform.RandomCrop;
import gradus.data.transform.RandomErasing;
import gradus.data.transform.RandomGrayscale;
import gradus.data.transform.RandomHorizontalFlip;
import gradus.data.transform.RandomResizedCrop;
import gradus.data.transform.RandomRotation;
import gradus.data.transform.RandomVerticalFlip;
import gradus.data.transform.Transform;
import gradus.data.transform.TrivialAugmentWide;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The augmentations that can be chosen by name, with strengths that usually work. */
enum Augmentation {
  CROP(0.125, 0.01, 0.5, "padding, as a share of the image"),
  RESIZED_CROP(0.35, 0.01, 1, "the least share of the image that is left"),
  FLIP(0.5, 0, 1, "how probable it is"),
  VERTICAL_FLIP(0.5, 0, 1, "how probable it is"),
  ROTATE(15, 0, 180, "degrees to either side"),
  SHIFT(0.1, 0, 1, "the share of the image to either side"),
  ZOOM(0.2, 0, 0.99, "how much larger or smaller, as a share"),
  SHEAR(10, 0, 89, "degrees to either side"),
  COLOR(0.2, 0, 1, "brightness, contrast and saturation to either side, as a share; hue a quarter"),
  GRAYSCALE(0.1, 0, 1, "how probable it is"),
  NOISE(0.05, 0, 1, "deviation, where pixels are from 0 to 1"),
  BLUR(1, 0.1, 3, "the largest deviation, in pixels"),
  ERASE(0.5, 0, 1, "how probable it is"),
  CUTOUT(0.25, 0.01, 1, "side of the hole, as a share of the image"),
  RANDAUGMENT(9, 0, 30, "magnitude"),
  TRIVIALAUGMENT,
  MIXUP(0.2, 0.001, 100, "alpha"),
  CUTMIX(1, 0.001, 100, "alpha");

  private static final int OPERATIONS = 2; // RandAugment's usual number of changes to one image

  private final double usual;
  private final double least;
  private final double most;
  private final String meaning;

  /** One without a strength. */
  Augmentation() {
    this(0, 0, 0, null);
  }

  Augmentation(double usual, double least, double most, String meaning) {
    this.usual = usual;
    this.least = least;
    this.most = most;
    this.meaning = meaning;
  }

  /** Whether it changes whole batches rather than single images. */
  boolean isOfBatch() {
    return this == MIXUP || this == CUTMIX;
  }

  double least() {
    return least;
  }

  double most() {
    return most;
  }

  /** With the strength that usually works. */
  Chosen usual() {
    return new Chosen(this, usual);
  }

  /**
   * An augmentation and how strong it is.
   *
   * @param kind which
   * @param strength in the unit that {@code kind} has
   */
  record Chosen(Augmentation kind, double strength) {
    /** Refuses a strength out of range. */
    Chosen {
      UsageException.unless(
          strength >= kind.least && strength <= kind.most,
          "--augment "
              + kind
              + ":"
              + number(strength)
              + ": its strength, "
              + kind.meaning
              + ", is from "
              + number(kind.least)
              + " to "
              + number(kind.most)
              + "; "
              + number(kind.usual)
              + " is usual.");
    }

    /** Of NAME or NAME:STRENGTH. */
    static Chosen parse(String text) {
      int colon = text.indexOf(':');
      Augmentation kind = named(colon < 0 ? text : text.substring(0, colon));
      if (colon < 0) {
        return kind.usual();
      }
      UsageException.unless(
          kind.meaning != null, "--augment " + text + ": " + kind + " is not more or less strong.");
      try {
        return new Chosen(kind, Double.parseDouble(text.substring(colon + 1)));
      } catch (NumberFormatException e) {
        throw new UsageException(
            "--augment "
                + text
                + ": after the colon comes a number, "
                + kind.meaning
                + "; "
                + number(kind.usual)
                + " is usual.");
      }
    }

    Transform transform(Image example) {
      return kind.transform(example, strength);
    }

    BatchTransform batchTransform() {
      return kind.batchTransform(strength);
    }

    /** As it is asked for. */
    @Override
    public String toString() {
      return strength == kind.usual ? kind.toString() : kind + ":" + number(strength);
    }
  }

  private static Augmentation named(String name) {
    for (Augmentation augmentation : values()) {
      if (augmentation.toString().equalsIgnoreCase(name)) {
        return augmentation;
      }
    }
    throw new UsageException(
        "--augment: there is no \""
            + name
            + "\"; choose of cifar, none, "
            + Arrays.stream(values())
                .map(Augmentation::toString)
                .collect(Collectors.joining(", ")));
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  /** The change of one image; lengths are shares of the size that {@code example} has. */
  private Transform transform(Image example, double strength) {
    int height = example.height();
    int width = example.width();
    int shorter = Math.min(height, width);
    return switch (this) {
      case CROP -> new RandomCrop(height, width, pixels(strength, shorter), PaddingMode.REFLECT, 0);
      case RESIZED_CROP -> new RandomResizedCrop(height, width, strength, 1, 3.0 / 4, 4.0 / 3);
      case FLIP -> new RandomHorizontalFlip(strength);
      case VERTICAL_FLIP -> new RandomVerticalFlip(strength);
      case ROTATE -> new RandomRotation(strength);
      case SHIFT -> new RandomAffine(0).translate(strength, strength);
      case ZOOM -> new RandomAffine(0).scale(1 - strength, 1 + strength);
      case SHEAR -> new RandomAffine(0).shear(strength);
      case COLOR -> new ColorJitter(strength, strength, strength, strength / 4);
      case GRAYSCALE -> new RandomGrayscale(strength);
      case NOISE -> new GaussianNoise(0, strength);
      case BLUR -> new GaussianBlur(2 * (int) Math.ceil(strength) + 1, 0.1, strength);
      case ERASE -> new RandomErasing(strength);
      case CUTOUT -> new Cutout(pixels(strength, shorter));
      case RANDAUGMENT -> new RandAugment(OPERATIONS, (int) Math.round(strength));
      case TRIVIALAUGMENT -> new TrivialAugmentWide();
      case MIXUP, CUTMIX -> throw new IllegalStateException(this + " changes whole batches.");
    };
  }

  /** The change of a batch. */
  private BatchTransform batchTransform(double strength) {
    return switch (this) {
      case MIXUP -> new MixUp(strength);
      case CUTMIX -> new CutMix(strength);
      default -> throw new IllegalStateException(this + " changes single images.");
    };
  }

  private static int pixels(double share, int side) {
    return Math.max(1, (int) (share * side));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
