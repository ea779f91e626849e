package gradus.data.transform;

import gradus.data.image.Image;
import java.util.random.RandomGenerator;

/**
 * Rotates, shifts, scales and shears about the middle, all by random amounts; the size stays.
 *
 * <pre>{@code
 * new RandomAffine(15).translate(0.1, 0.1).scale(0.9, 1.1).shear(10)
 * new RandomAffine(0).translate(0.2, 0.2)   // Keras' width_shift and height_shift of 0.2
 * new RandomAffine(0).scale(0.8, 1.2)       // Keras' zoom of 0.2, alike along both axes
 * }</pre>
 *
 * <p>Interpolation is {@link Interpolation#NEAREST} and the fill 0 (black) by default, as in
 * PyTorch. Shifts are whole pixels. Keras' zoom above 1 makes things smaller; here it makes them
 * larger.
 */
public final class RandomAffine implements Transform {
  private static final String NAME = "RandomAffine";
  private static final Range NONE = new Range(0, 0);

  private final Range degrees;
  private final double translateX;
  private final double translateY;
  private final Range scale;
  private final Range shearX;
  private final Range shearY;
  private final Interpolation interpolation;
  private final float fill;

  /** Rotates by up to {@code degrees}, 0 to 360, to either side. */
  public RandomAffine(double degrees) {
    this(
        Range.of("degrees", -degrees, degrees, 360),
        0,
        0,
        new Range(1, 1),
        NONE,
        NONE,
        Interpolation.NEAREST,
        0);
  }

  private RandomAffine(
      Range degrees,
      double translateX,
      double translateY,
      Range scale,
      Range shearX,
      Range shearY,
      Interpolation interpolation,
      float fill) {
    this.degrees = degrees;
    this.translateX = translateX;
    this.translateY = translateY;
    this.scale = scale;
    this.shearX = shearX;
    this.shearY = shearY;
    this.interpolation = interpolation;
    this.fill = fill;
  }

  /** The same, shifted by up to these shares of width and height, 0 to 1, to either side. */
  public RandomAffine translate(double x, double y) {
    Settings.range(NAME, "translate", x, x, 0, 1);
    Settings.range(NAME, "translate", y, y, 0, 1);
    return new RandomAffine(degrees, x, y, scale, shearX, shearY, interpolation, fill);
  }

  /** The same, enlarged by a factor drawn between these, above 0. */
  public RandomAffine scale(double least, double most) {
    Settings.range(NAME, "scale", least, most, 1e-3, 1e3);
    Range range = new Range(least, most);
    return new RandomAffine(
        degrees, translateX, translateY, range, shearX, shearY, interpolation, fill);
  }

  /** The same, sheared along x by up to this many degrees, 0 to below 90, to either side. */
  public RandomAffine shear(double x) {
    return shear(x, 0);
  }

  /** The same, sheared along both axes by up to these degrees, 0 to below 90, to either side. */
  public RandomAffine shear(double x, double y) {
    return new RandomAffine(
        degrees,
        translateX,
        translateY,
        scale,
        Range.of("shear", -x, x, 89),
        Range.of("shear", -y, y, 89),
        interpolation,
        fill);
  }

  /** The same with another interpolation. */
  public RandomAffine interpolation(Interpolation value) {
    return new RandomAffine(degrees, translateX, translateY, scale, shearX, shearY, value, fill);
  }

  /** The same with another value, 0 to 1, for what comes into view. */
  public RandomAffine fill(double value) {
    Settings.range(NAME, "fill", value, value, 0, 1);
    return new RandomAffine(
        degrees, translateX, translateY, scale, shearX, shearY, interpolation, (float) value);
  }

  @Override
  public Transform withoutChance() {
    return Transform.identity();
  }

  @Override
  public Image apply(Image image, RandomGenerator random) {
    double angle = degrees.draw(random);
    double x = Math.rint(translateX * image.width() * (2 * random.nextDouble() - 1));
    double y = Math.rint(translateY * image.height() * (2 * random.nextDouble() - 1));
    double factor = scale.draw(random);
    double sx = shearX.draw(random);
    double sy = shearY.draw(random);
    return AffineMap.of(angle, x, y, factor, sx, sy, 0, 0).apply(image, interpolation, fill);
  }

  @Override
  public String toString() {
    return "RandomAffine(degrees "
        + degrees
        + ", translate "
        + translateX
        + " "
        + translateY
        + ", scale "
        + scale
        + ", shear "
        + shearX
        + " "
        + shearY
        + ", "
        + interpolation
        + ", fill "
        + fill
        + ")";
  }

  private record Range(double low, double high) {
    static Range of(String what, double low, double high, double limit) {
      Settings.range(NAME, what, low, high, -limit, limit);
      return new Range(low, high);
    }

    double draw(RandomGenerator random) {
      return low + (high - low) * random.nextDouble();
    }

    @Override
    public String toString() {
      return low + " to " + high;
    }
  }
}
