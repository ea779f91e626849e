package gradus.data.transform;

import gradus.data.image.Image;
import java.util.random.RandomGenerator;

/**
 * Applies {@code operations} random operations of one magnitude, each drawn from 14
 * (arXiv:1909.13719), with torchvision's ranges: shears up to slope 0.3, shifts up to 150/331 of a
 * side, rotation up to 30 degrees, colours up to factor 1.9 or down to 0.1, posterising to 4 bits.
 *
 * @param operations how many in a row, from 0; 2 by default
 * @param magnitude their strength, 0 to 30; 9 by default
 * @param interpolation {@link Interpolation#NEAREST} by default
 * @param fill the value of what comes into view, 0 (black, default) to 1
 */
public record RandAugment(int operations, int magnitude, Interpolation interpolation, float fill)
    implements Transform {
  private static final int BINS = 31;

  /** Checks the numbers. */
  public RandAugment {
    Settings.atLeast("RandAugment", "number of operations", operations, 0);
    Settings.range("RandAugment", "magnitude", magnitude, magnitude, 0, BINS - 1);
    Settings.range("RandAugment", "fill", fill, fill, 0, 1);
  }

  /** Two operations of magnitude 9. */
  public RandAugment() {
    this(2, 9);
  }

  /** Nearest pixels, filled with black. */
  public RandAugment(int operations, int magnitude) {
    this(operations, magnitude, Interpolation.NEAREST, 0);
  }

  @Override
  public Transform withoutChance() {
    return Transform.identity();
  }

  @Override
  public Image apply(Image image, RandomGenerator random) {
    Image result = image;
    for (int i = 0; i < operations; i++) {
      AugmentOp op = AugmentOp.draw(random);
      double strength = strength(op, image);
      boolean negative = op.isSigned() && random.nextBoolean();
      result = op.apply(result, negative ? -strength : strength, interpolation, fill);
    }
    return result;
  }

  private double strength(AugmentOp op, Image image) {
    double share = magnitude / (BINS - 1.0);
    return switch (op) {
      case SHEAR_X, SHEAR_Y -> 0.3 * share;
      case TRANSLATE_X -> 150.0 / 331 * image.width() * share;
      case TRANSLATE_Y -> 150.0 / 331 * image.height() * share;
      case ROTATE -> 30 * share;
      case BRIGHTNESS, COLOR, CONTRAST, SHARPNESS -> 0.9 * share;
      case POSTERIZE -> 8 - Math.rint(4 * share);
      case SOLARIZE -> 255 * (1 - share);
      case IDENTITY, AUTO_CONTRAST, EQUALIZE -> 0;
    };
  }
}
