package gradus.data;

import gradus.GradusException;
import gradus.data.image.Image;
import gradus.data.transform.Normalize;
import gradus.tensor.Shape;
import java.util.Iterator;
import java.util.stream.Stream;

/**
 * Filters that whiten the small patches of images: {@code e_i / sqrt(lambda_i + epsilon)} for each
 * eigenvector and eigenvalue of the covariance of all {@code size x size} patches, largest first.
 * As the first, frozen layer of a network they hand on uncorrelated inputs of equal variance.
 *
 * <p>Coates and Ng 2012; as a first layer in Page's "How to train your ResNet" and Jordan 2024
 * (arXiv:2404.00498).
 */
public final class PatchWhitening {
  private final int channels;
  private final int size;
  private final SymmetricEigen eigen;
  private final double epsilon;

  private PatchWhitening(int channels, int size, SymmetricEigen eigen, double epsilon) {
    this.channels = channels;
    this.size = size;
    this.eigen = eigen;
    this.epsilon = epsilon;
  }

  /**
   * Measures the patches of images.
   *
   * @param images of the training split, all with the same number of channels
   * @param normalize what is done to images before the network
   * @param size rows and columns of a patch, 2 or 3 usually
   * @param epsilon added to each variance, so that directions which are mere noise are not blown up
   * @throws GradusException if there is no image, or one is smaller than a patch
   */
  public static PatchWhitening of(
      Stream<Image> images, Normalize normalize, int size, double epsilon) {
    int channels = normalize.mean().length;
    double[][] products = new double[channels * size * size][channels * size * size];
    long patches = 0;
    float[] values = new float[0];
    for (Iterator<Image> rest = images.iterator(); rest.hasNext(); ) {
      Image image = rest.next();
      if (image.height() < size || image.width() < size) {
        throw new GradusException(
            String.format(
                "PatchWhitening: an image of %d x %d has no patch of %d x %d.",
                image.height(), image.width(), size, size));
      }
      values = values.length == image.size() ? values : new float[image.size()];
      normalize.write(image, values, 0);
      patches += addPatches(products, values, channels, image.height(), image.width(), size);
    }
    if (patches == 0) {
      throw new GradusException("PatchWhitening: there is no image to take patches of.");
    }
    for (double[] row : products) {
      for (int j = 0; j < row.length; j++) {
        row[j] /= patches;
      }
    }
    return new PatchWhitening(channels, size, SymmetricEigen.of(products), epsilon);
  }

  private static long addPatches(
      double[][] products, float[] values, int channels, int height, int width, int size) {
    float[] patch = new float[products.length];
    for (int top = 0; top + size <= height; top++) {
      for (int left = 0; left + size <= width; left++) {
        int next = 0;
        for (int c = 0; c < channels; c++) {
          for (int row = top; row < top + size; row++) {
            for (int column = left; column < left + size; column++) {
              patch[next++] = values[(c * height + row) * width + column];
            }
          }
        }
        for (int i = 0; i < patch.length; i++) {
          for (int j = 0; j < patch.length; j++) {
            products[i][j] += (double) patch[i] * patch[j];
          }
        }
      }
    }
    return (long) (height - size + 1) * (width - size + 1);
  }

  /** The shape of {@link #filters}: {@code [2 C size size, C, size, size]}. */
  public Shape shape() {
    return Shape.of(2 * eigen.size(), channels, size, size);
  }

  /** All filters, and then all with the opposite sign, since what follows cuts negatives off. */
  public float[] filters() {
    int length = eigen.size();
    float[] filters = new float[2 * length * length];
    for (int i = 0; i < length; i++) {
      double scale = 1 / Math.sqrt(eigen.value(i) + epsilon);
      for (int j = 0; j < length; j++) {
        float tap = (float) (scale * eigen.component(i, j));
        filters[i * length + j] = tap;
        filters[(length + i) * length + j] = -tap;
      }
    }
    return filters;
  }
}
