package gradus.data.transform;

import gradus.data.image.Image;
import java.util.random.RandomGenerator;

/**
 * The operations of {@link RandAugment} and {@link TrivialAugmentWide}, as torchvision does them.
 * What a magnitude means is said at each.
 */
enum AugmentOp {
  /** Nothing. */
  IDENTITY(false),
  /** Shear along x by this slope, about the upper left corner. */
  SHEAR_X(true),
  /** Shear along y by this slope, about the upper left corner. */
  SHEAR_Y(true),
  /** Shift by this many pixels, cut to a whole number. */
  TRANSLATE_X(true),
  /** Shift by this many pixels, cut to a whole number. */
  TRANSLATE_Y(true),
  /** Rotate counter-clockwise by degrees. */
  ROTATE(true),
  /** Factor 1 + magnitude. */
  BRIGHTNESS(true),
  /** Saturation, factor 1 + magnitude. */
  COLOR(true),
  /** Factor 1 + magnitude. */
  CONTRAST(true),
  /** Factor 1 + magnitude. */
  SHARPNESS(true),
  /** Keep this many of the eight bits. */
  POSTERIZE(false),
  /** Invert levels from this one on. */
  SOLARIZE(false),
  /** Stretch each channel to the whole range. */
  AUTO_CONTRAST(false),
  /** Give each channel a flat histogram. */
  EQUALIZE(false);

  private static final AugmentOp[] ALL = values();

  private final boolean signed;

  AugmentOp(boolean signed) {
    this.signed = signed;
  }

  static AugmentOp draw(RandomGenerator random) {
    return ALL[random.nextInt(ALL.length)];
  }

  /** Whether the magnitude may as well be negative. */
  boolean isSigned() {
    return signed;
  }

  Image apply(Image image, double magnitude, Interpolation interpolation, float fill) {
    return switch (this) {
      case IDENTITY -> image;
      case SHEAR_X, SHEAR_Y, TRANSLATE_X, TRANSLATE_Y, ROTATE ->
          map(image, magnitude).apply(image, interpolation, fill);
      case BRIGHTNESS, COLOR, CONTRAST, SHARPNESS -> color(image, (float) (1 + magnitude));
      case POSTERIZE -> LevelTable.posterize((int) magnitude).apply(image);
      case SOLARIZE -> LevelTable.solarize(magnitude).apply(image);
      case AUTO_CONTRAST -> LevelTable.stretched(image).apply(image);
      case EQUALIZE -> LevelTable.equalized(image).apply(image);
    };
  }

  private AffineMap map(Image image, double magnitude) {
    double slope = Math.toDegrees(Math.atan(magnitude));
    double cornerX = -image.width() / 2.0;
    double cornerY = -image.height() / 2.0;
    return switch (this) {
      case SHEAR_X -> AffineMap.of(0, 0, 0, 1, slope, 0, cornerX, cornerY);
      case SHEAR_Y -> AffineMap.of(0, 0, 0, 1, 0, slope, cornerX, cornerY);
      case TRANSLATE_X -> AffineMap.of(0, (int) magnitude, 0, 1, 0, 0, 0, 0);
      case TRANSLATE_Y -> AffineMap.of(0, 0, (int) magnitude, 1, 0, 0, 0, 0);
      default -> AffineMap.of(-magnitude, 0, 0, 1, 0, 0, 0, 0);
    };
  }

  private Image color(Image image, float factor) {
    if (this == SHARPNESS) {
      return Sharpness.adjust(image, factor);
    }
    Canvas canvas = Canvas.copyOf(image);
    if (this == BRIGHTNESS) {
      ColorChange.brightness(canvas, factor);
    } else if (this == COLOR) {
      ColorChange.saturation(canvas, factor);
    } else {
      ColorChange.contrast(canvas, factor);
    }
    return canvas.image();
  }
}
