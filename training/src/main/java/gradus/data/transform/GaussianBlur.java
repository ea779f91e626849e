package gradus.data.transform;

import gradus.GradusException;
import gradus.data.image.Image;
import java.util.random.RandomGenerator;

/**
 * Blurs with the kernel {@code exp(-x^2 / (2 sigma^2))}, normalised, along both axes; sigma is
 * drawn for each image. The border is mirrored, as in PyTorch ({@code reflect}).
 *
 * @param kernelSize odd, at least 1
 * @param minSigma least deviation in pixels, above 0; 0.1 by default
 * @param maxSigma largest deviation; 2 by default
 */
public record GaussianBlur(int kernelSize, double minSigma, double maxSigma) implements Transform {
  /** Checks the numbers. */
  public GaussianBlur {
    Settings.atLeast("GaussianBlur", "kernel size", kernelSize, 1);
    if (kernelSize % 2 == 0) {
      throw new GradusException(
          "GaussianBlur: the kernel size is "
              + kernelSize
              + ", but must be odd; take "
              + (kernelSize + 1)
              + ".");
    }
    Settings.range("GaussianBlur", "sigma", minSigma, maxSigma, 1e-6, 1e6);
  }

  /** With PyTorch's default deviations, 0.1 to 2. */
  public GaussianBlur(int kernelSize) {
    this(kernelSize, 0.1, 2);
  }

  @Override
  public Transform withoutChance() {
    return Transform.identity();
  }

  @Override
  public Image apply(Image image, RandomGenerator random) {
    int reach = kernelSize / 2;
    if (reach >= image.height() || reach >= image.width()) {
      throw new GradusException(
          "GaussianBlur: a kernel of "
              + kernelSize
              + " reaches beyond the mirrored border of an image of "
              + image.height()
              + " x "
              + image.width()
              + "; make it smaller.");
    }
    float[] kernel = kernel(minSigma + (maxSigma - minSigma) * random.nextDouble());
    Canvas result = Canvas.like(image);
    float[] row = new float[image.width()];
    float[] blurredRows = new float[image.height() * image.width()];
    for (int c = 0; c < image.channels(); c++) {
      for (int y = 0; y < image.height(); y++) {
        image.readRow(c, y, row);
        blurRow(row, kernel, blurredRows, y * row.length);
      }
      blurColumns(blurredRows, image.height(), image.width(), kernel, result, c * result.plane());
    }
    return result.image();
  }

  private float[] kernel(double sigma) {
    float[] kernel = new float[kernelSize];
    double sum = 0;
    for (int i = 0; i < kernelSize; i++) {
      double distance = (i - kernelSize / 2) / sigma;
      kernel[i] = (float) Math.exp(-0.5 * distance * distance);
      sum += kernel[i];
    }
    for (int i = 0; i < kernelSize; i++) {
      kernel[i] /= (float) sum;
    }
    return kernel;
  }

  private static void blurRow(float[] row, float[] kernel, float[] to, int start) {
    int reach = kernel.length / 2;
    for (int x = 0; x < row.length; x++) {
      float sum = 0;
      for (int k = 0; k < kernel.length; k++) {
        sum += kernel[k] * row[mirrored(x + k - reach, row.length)];
      }
      to[start + x] = sum;
    }
  }

  private static void blurColumns(
      float[] rows, int height, int width, float[] kernel, Canvas result, int start) {
    int reach = kernel.length / 2;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        float sum = 0;
        for (int k = 0; k < kernel.length; k++) {
          sum += kernel[k] * rows[mirrored(y + k - reach, height) * width + x];
        }
        result.set(start + y * width + x, sum);
      }
    }
  }

  private static int mirrored(int position, int size) {
    if (position < 0) {
      return -position;
    }
    return position < size ? position : 2 * (size - 1) - position;
  }
}
