package gradus.data.transform;

import gradus.data.image.Image;
import java.util.random.RandomGenerator;

/**
 * Turns an image about its middle by a random angle; its size stays ({@code expand=False} in
 * PyTorch).
 *
 * @param minDegrees least angle, counter-clockwise
 * @param maxDegrees largest angle
 * @param interpolation {@link Interpolation#NEAREST} by default, as in PyTorch
 * @param fill the value of what comes into view, 0 (black, default) to 1
 */
public record RandomRotation(
    double minDegrees, double maxDegrees, Interpolation interpolation, float fill)
    implements Transform {
  /** Checks the numbers. */
  public RandomRotation {
    Settings.range("RandomRotation", "degrees", minDegrees, maxDegrees, -360, 360);
    Settings.range("RandomRotation", "fill", fill, fill, 0, 1);
  }

  /** Up to {@code degrees}, at least 0, to either side. */
  public RandomRotation(double degrees) {
    this(-degrees, degrees, Interpolation.NEAREST, 0);
  }

  /** The same with another interpolation. */
  public RandomRotation interpolation(Interpolation value) {
    return new RandomRotation(minDegrees, maxDegrees, value, fill);
  }

  @Override
  public Transform withoutChance() {
    return Transform.identity();
  }

  @Override
  public Image apply(Image image, RandomGenerator random) {
    double degrees = minDegrees + (maxDegrees - minDegrees) * random.nextDouble();
    return AffineMap.of(-degrees, 0, 0, 1, 0, 0, 0, 0).apply(image, interpolation, fill);
  }
}
