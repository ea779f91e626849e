package gradus.data.transform;

import gradus.data.image.Image;
import java.util.random.RandomGenerator;

/**
 * Adds to every value a number from the normal distribution, and clamps to 0 to 1. Bytes stay
 * bytes, where PyTorch wants floats.
 *
 * @param mean of the noise, -1 to 1; 0 by default
 * @param sigma its standard deviation, 0 to 1; 0.1 by default
 */
public record GaussianNoise(double mean, double sigma) implements Transform {
  /** Checks the numbers. */
  public GaussianNoise {
    Settings.range("GaussianNoise", "mean", mean, mean, -1, 1);
    Settings.range("GaussianNoise", "sigma", sigma, sigma, 0, 1);
  }

  /** Mean 0 and deviation 0.1. */
  public GaussianNoise() {
    this(0, 0.1);
  }

  @Override
  public Transform withoutChance() {
    return Transform.identity();
  }

  @Override
  public Image apply(Image image, RandomGenerator random) {
    Canvas canvas = Canvas.copyOf(image);
    for (int i = 0; i < image.size(); i++) {
      float value = canvas.get(i) + (float) (mean + sigma * random.nextGaussian());
      canvas.set(i, Math.max(0f, Math.min(1f, value)));
    }
    return canvas.image();
  }
}
