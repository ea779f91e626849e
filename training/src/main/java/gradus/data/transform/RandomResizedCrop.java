package gradus.data.transform;

import gradus.data.image.Image;
import java.util.random.RandomGenerator;

/**
 * Cuts out a part of random area and proportions and scales it to {@code height x width}, bilinear
 * with antialiasing (arXiv:1409.4842). After ten parts that do not fit, the largest part of the
 * middle with allowed proportions is taken, as in PyTorch.
 *
 * @param height rows of the result, at least 1
 * @param width columns of the result, at least 1
 * @param minScale least share of the area, above 0; 0.08 by default
 * @param maxScale largest share, up to 1 (default)
 * @param minRatio least width / height, above 0; 3/4 by default
 * @param maxRatio largest width / height; 4/3 by default
 */
public record RandomResizedCrop(
    int height, int width, double minScale, double maxScale, double minRatio, double maxRatio)
    implements Transform {
  private static final int TRIES = 10;

  /** Checks the numbers. */
  public RandomResizedCrop {
    Settings.atLeast("RandomResizedCrop", "height", height, 1);
    Settings.atLeast("RandomResizedCrop", "width", width, 1);
    Settings.range("RandomResizedCrop", "scale", minScale, maxScale, Double.MIN_VALUE, 1);
    Settings.range("RandomResizedCrop", "ratio", minRatio, maxRatio, 1e-3, 1e3);
  }

  /** A square with PyTorch's defaults. */
  public RandomResizedCrop(int size) {
    this(size, size, 0.08, 1, 3.0 / 4, 4.0 / 3);
  }

  /** The same with other limits for the share of the area. */
  public RandomResizedCrop scale(double least, double most) {
    return new RandomResizedCrop(height, width, least, most, minRatio, maxRatio);
  }

  /** The same with other limits for width / height. */
  public RandomResizedCrop ratio(double least, double most) {
    return new RandomResizedCrop(height, width, minScale, maxScale, least, most);
  }

  @Override
  public Transform withoutChance() {
    return Resize.exact(height, width);
  }

  @Override
  public Image apply(Image image, RandomGenerator random) {
    return Resize.exact(height, width).apply(part(image, random), random);
  }

  private Image part(Image image, RandomGenerator random) {
    double area = (double) image.height() * image.width();
    for (int attempt = 0; attempt < TRIES; attempt++) {
      double wanted = area * between(minScale, maxScale, random);
      double ratio = Math.exp(between(Math.log(minRatio), Math.log(maxRatio), random));
      int w = (int) Math.rint(Math.sqrt(wanted * ratio));
      int h = (int) Math.rint(Math.sqrt(wanted / ratio));
      if (w > 0 && h > 0 && w <= image.width() && h <= image.height()) {
        int top = random.nextInt(image.height() - h + 1);
        int left = random.nextInt(image.width() - w + 1);
        return image.crop(top, left, h, w);
      }
    }
    double ratio = (double) image.width() / image.height();
    int w = image.width();
    int h = image.height();
    if (ratio < minRatio) {
      h = Math.max(1, (int) Math.rint(w / minRatio));
    } else if (ratio > maxRatio) {
      w = Math.max(1, (int) Math.rint(h * maxRatio));
    }
    return image.crop((image.height() - h) / 2, (image.width() - w) / 2, h, w);
  }

  private static double between(double low, double high, RandomGenerator random) {
    return low + (high - low) * random.nextDouble();
  }
}
