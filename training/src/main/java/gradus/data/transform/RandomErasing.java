package gradus.data.transform;

import gradus.data.image.Image;
import java.util.random.RandomGenerator;

/**
 * Paints over a rectangle of random area and proportions (arXiv:1708.04896). PyTorch's, with its
 * defaults; it may stand before {@link Normalize}, on bytes, or after it, where 0 is the mean.
 *
 * @param p probability, 0 to 1; 0.5 by default
 * @param minScale least share of the image's area, above 0; 0.02 by default
 * @param maxScale largest share, up to 1; 0.33 by default
 * @param minRatio least height / width, above 0; 0.3 by default
 * @param maxRatio largest height / width; 3.3 by default
 * @param value the colour: 0 (default) to 1, or NaN for normal noise in every value
 */
public record RandomErasing(
    double p, double minScale, double maxScale, double minRatio, double maxRatio, float value)
    implements Transform {
  private static final int TRIES = 10;

  /** Checks the numbers. */
  public RandomErasing {
    Settings.probability("RandomErasing", p);
    Settings.range("RandomErasing", "scale", minScale, maxScale, Double.MIN_VALUE, 1);
    Settings.range("RandomErasing", "ratio", minRatio, maxRatio, 1e-3, 1e3);
  }

  /** PyTorch's defaults. */
  public RandomErasing() {
    this(0.5);
  }

  /** PyTorch's defaults with another probability. */
  public RandomErasing(double p) {
    this(p, 0.02, 0.33, 0.3, 3.3, 0);
  }

  /** The same, filled with numbers from the normal distribution; {@code value="random"}. */
  public RandomErasing noise() {
    return new RandomErasing(p, minScale, maxScale, minRatio, maxRatio, Float.NaN);
  }

  @Override
  public Transform withoutChance() {
    return Transform.identity();
  }

  @Override
  public Image apply(Image image, RandomGenerator random) {
    if (random.nextDouble() >= p) {
      return image;
    }
    double area = (double) image.height() * image.width();
    double least = Math.log(minRatio);
    double most = Math.log(maxRatio);
    for (int attempt = 0; attempt < TRIES; attempt++) {
      double wanted = area * (minScale + (maxScale - minScale) * random.nextDouble());
      double ratio = Math.exp(least + (most - least) * random.nextDouble());
      int h = (int) Math.rint(Math.sqrt(wanted * ratio));
      int w = (int) Math.rint(Math.sqrt(wanted / ratio));
      if (h < image.height() && w < image.width()) {
        int top = random.nextInt(image.height() - h + 1);
        int left = random.nextInt(image.width() - w + 1);
        return erased(image, top, left, h, w, random);
      }
    }
    return image;
  }

  private Image erased(
      Image image, int top, int left, int height, int width, RandomGenerator random) {
    Canvas canvas = Canvas.copyOf(image);
    for (int c = 0; c < image.channels(); c++) {
      for (int y = top; y < top + height; y++) {
        int row = (c * image.height() + y) * image.width();
        for (int x = left; x < left + width; x++) {
          canvas.set(row + x, Float.isNaN(value) ? (float) random.nextGaussian() : value);
        }
      }
    }
    return canvas.image();
  }
}
