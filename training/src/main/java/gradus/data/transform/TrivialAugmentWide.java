package gradus.data.transform;

import gradus.data.image.Image;
import java.util.random.RandomGenerator;

/**
 * Applies one operation of random kind and random strength (arXiv:2103.10158): nothing to tune.
 * torchvision's ranges: shears up to slope 0.99, shifts up to 32 pixels, rotation up to 135
 * degrees, colours by factors 0.01 to 1.99, posterising down to 2 bits.
 *
 * @param interpolation {@link Interpolation#NEAREST} by default
 * @param fill the value of what comes into view, 0 (black, default) to 1
 */
public record TrivialAugmentWide(Interpolation interpolation, float fill) implements Transform {
  private static final int BINS = 31;

  /** Checks the fill. */
  public TrivialAugmentWide {
    Settings.range("TrivialAugmentWide", "fill", fill, fill, 0, 1);
  }

  /** Nearest pixels, filled with black. */
  public TrivialAugmentWide() {
    this(Interpolation.NEAREST, 0);
  }

  @Override
  public Transform withoutChance() {
    return Transform.identity();
  }

  @Override
  public Image apply(Image image, RandomGenerator random) {
    AugmentOp op = AugmentOp.draw(random);
    double strength = strength(op, random.nextInt(BINS) / (BINS - 1.0));
    boolean negative = op.isSigned() && random.nextBoolean();
    return op.apply(image, negative ? -strength : strength, interpolation, fill);
  }

  private static double strength(AugmentOp op, double share) {
    return switch (op) {
      case SHEAR_X, SHEAR_Y, BRIGHTNESS, COLOR, CONTRAST, SHARPNESS -> 0.99 * share;
      case TRANSLATE_X, TRANSLATE_Y -> 32 * share;
      case ROTATE -> 135 * share;
      case POSTERIZE -> 8 - Math.rint(6 * share);
      case SOLARIZE -> 255 * (1 - share);
      case IDENTITY, AUTO_CONTRAST, EQUALIZE -> 0;
    };
  }
}
