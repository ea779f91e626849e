package gradus.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import gradus.data.image.Image;
import gradus.data.transform.Normalize;
import gradus.tensor.Shape;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PatchWhiteningTest {
  private static final int LENGTH = 12;
  private final List<Image> images = Shapes.splits().train().take(20).images().toList();
  private final Normalize normalize = Normalize.from(images.stream());

  @Test
  void filtersMakePatchesUncorrelatedAndOfVarianceOne() {
    PatchWhitening whitening = PatchWhitening.of(images.stream(), normalize, 2, 0);
    assertEquals(Shape.of(24, 3, 2, 2), whitening.shape());
    double[][] products = productsOfOutputs(whitening.filters());
    for (int i = 0; i < LENGTH; i++) {
      for (int j = 0; j < LENGTH; j++) {
        assertEquals(i == j ? 1 : 0, products[i][j], 1e-3, i + ", " + j);
      }
    }
  }

  @Test
  void everyFilterComesAgainWithTheOtherSign() {
    float[] filters = PatchWhitening.of(images.stream(), normalize, 2, 5e-4).filters();
    for (int i = 0; i < LENGTH * LENGTH; i++) {
      assertEquals(filters[i], -filters[LENGTH * LENGTH + i]);
    }
  }

  @Test
  void refusesNoImageAndTooSmallOnes() {
    assertThrows(GradusException.class, () -> PatchWhitening.of(Stream.of(), normalize, 2, 5e-4));
    assertThrows(
        GradusException.class, () -> PatchWhitening.of(images.stream(), normalize, 33, 5e-4));
  }

  /** The mean products of the first filters' outputs over all patches, worked out plainly. */
  private double[][] productsOfOutputs(float[] filters) {
    double[][] products = new double[LENGTH][LENGTH];
    long patches = 0;
    for (Image image : images) {
      float[] values = new float[image.size()];
      normalize.write(image, values, 0);
      for (int top = 0; top < image.height() - 1; top++) {
        for (int left = 0; left < image.width() - 1; left++) {
          double[] outputs = new double[LENGTH];
          for (int i = 0; i < LENGTH; i++) {
            for (int j = 0; j < LENGTH; j++) {
              int c = j / 4;
              int row = top + j / 2 % 2;
              int column = left + j % 2;
              outputs[i] +=
                  filters[i * LENGTH + j]
                      * values[(c * image.height() + row) * image.width() + column];
            }
          }
          for (int i = 0; i < LENGTH; i++) {
            for (int j = 0; j < LENGTH; j++) {
              products[i][j] += outputs[i] * outputs[j];
            }
          }
          patches++;
        }
      }
    }
    for (double[] row : products) {
      for (int j = 0; j < LENGTH; j++) {
        row[j] /= patches;
      }
    }
    return products;
  }
}
