package gradus.data.transform;

import gradus.GradusException;
import gradus.data.image.Image;
import java.util.random.RandomGenerator;

/**
 * Scales an image by bilinear interpolation with antialiasing, the default of PyTorch: when it
 * shrinks, every source pixel counts.
 *
 * <p>Bytes stay bytes. Both passes are summed in float and rounded once, where PIL rounds after
 * each: results may differ from it by one level.
 */
public final class Resize implements Transform {
  private final int height;
  private final int width;

  private Resize(int height, int width) {
    if (height < 1 || width < 0) {
      throw new GradusException(
          "Resize: a size must be at least 1, but is " + height + " x " + width + ".");
    }
    this.height = height;
    this.width = width;
  }

  /** To exactly this size, whatever becomes of the proportions. */
  public static Resize exact(int height, int width) {
    if (width < 1) {
      throw new GradusException("Resize: a width must be at least 1, but is " + width + ".");
    }
    return new Resize(height, width);
  }

  /** So that the shorter side has {@code size} pixels; {@code Resize(size)} in PyTorch. */
  public static Resize shorterSide(int size) {
    return new Resize(size, 0);
  }

  @Override
  public Image apply(Image image, RandomGenerator random) {
    int toHeight = height;
    int toWidth = width;
    if (width == 0) {
      int shorter = Math.min(image.height(), image.width());
      toHeight = scaled(image.height(), shorter);
      toWidth = scaled(image.width(), shorter);
    }
    if (toHeight == image.height() && toWidth == image.width()) {
      return image;
    }
    float[] values = new float[image.channels() * toHeight * toWidth];
    resample(image, toHeight, toWidth, values);
    return image.isBytes()
        ? Image.ofBytes(image.channels(), toHeight, toWidth, toLevels(values))
        : Image.ofFloats(image.channels(), toHeight, toWidth, values);
  }

  private int scaled(int side, int shorter) {
    long result = (long) height * side / shorter;
    if (result > Integer.MAX_VALUE / 8) {
      throw new GradusException(
          "Resize: a side of "
              + side
              + " pixels beside one of "
              + shorter
              + " would grow to "
              + result
              + " pixels; use Resize.exact for such images.");
    }
    return (int) result;
  }

  private static byte[] toLevels(float[] values) {
    byte[] levels = new byte[values.length];
    for (int i = 0; i < levels.length; i++) {
      // Weights add up to 1 only up to rounding, so a level may be a hair outside.
      levels[i] = (byte) Math.max(0, Math.min(255, (int) (values[i] * 255f + 0.5f)));
    }
    return levels;
  }

  /** First along rows, then along columns: the cost per pixel grows with the side, not the area. */
  private static void resample(Image image, int toHeight, int toWidth, float[] result) {
    int fromHeight = image.height();
    int fromWidth = image.width();
    ResampleWeights across = ResampleWeights.of(fromWidth, toWidth);
    ResampleWeights down = ResampleWeights.of(fromHeight, toHeight);
    float[] row = new float[fromWidth];
    float[] narrow = new float[fromHeight * toWidth];
    for (int c = 0; c < image.channels(); c++) {
      for (int y = 0; y < fromHeight; y++) {
        image.readRow(c, y, row);
        across.applyToRow(row, narrow, y * toWidth);
      }
      down.applyToColumns(narrow, toWidth, result, c * toHeight * toWidth);
    }
  }
}
