package gradus.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ShapesTest {

  @Test
  void hasTenBalancedClasses() {
    Shapes shapes = Shapes.validation();
    assertEquals(10, shapes.classNames().size());
    assertEquals("striped triangle", shapes.classNames().get(5));
    assertEquals(5, shapes.label(25));
    for (int count : shapes.classCounts()) {
      assertEquals(shapes.size() / 10, count);
    }
    assertThrows(GradusException.class, () -> Shapes.of(0, 1));
  }

  private static String pixels(Dataset shapes) {
    ContentHash hash = new ContentHash();
    byte[] levels = new byte[3 * Shapes.SIDE * Shapes.SIDE];
    for (int i = 0; i < shapes.size(); i++) {
      shapes.get(i).image().writeLevels(levels, 0);
      hash.add(levels).add(shapes.label(i));
    }
    return hash.hex();
  }

  /**
   * Fixed pixels: the same on every platform and in every version. Whoever changes them on purpose
   * counts {@code Shapes.PAINTER_VERSION} up, which the content hash relies on.
   */
  @Test
  void isTheSameEverywhere() {
    assertEquals(
        "8b018fca0e2cd6de5101f323ea5e143733ff78367bd80907e92145e4991dd5f0",
        pixels(Shapes.of(50, 1)));
  }

  @Test
  void seedPartAndIndexDecide() {
    String pixels = pixels(Shapes.of(20, 1));
    assertEquals(pixels, pixels(Shapes.of(20, 1)));
    assertNotEquals(pixels, pixels(Shapes.of(20, 2)));
    assertNotEquals(pixels(Shapes.train().take(20)), pixels(Shapes.validation().take(20)));
    assertNotEquals(pixels(Shapes.test().take(20)), pixels(Shapes.validation().take(20)));
    // In any order of asking.
    Shapes backwards = Shapes.of(20, 1);
    for (int i = 19; i >= 0; i--) {
      backwards.get(i);
    }
    assertEquals(pixels, pixels(backwards));
  }

  @Test
  void theContentHashNeedsNoPicture() {
    String hash = Shapes.of(20, 1).contentHash();
    assertEquals(hash, Shapes.of(20, 1).contentHash());
    assertNotEquals(hash, Shapes.of(20, 2).contentHash());
    assertNotEquals(hash, Shapes.of(21, 1).contentHash());
    assertNotEquals(Shapes.test().contentHash(), Shapes.validation().contentHash());
    // Fifty million pictures could not be painted in the time of a test.
    assertTimeout(
        Duration.ofSeconds(5), () -> Shapes.of(50_000_000, 1).subset(3, 1_000_000).contentHash());
  }

  @Test
  void backgroundHasTheStatedNoise() {
    double sum = 0;
    double squares = 0;
    int n = 0;
    for (int i = 0; i < 200; i++) {
      // Corners are mostly background: neighbours differ by the noise alone.
      var image = Shapes.of(200, 4).get(i).image();
      for (int c = 0; c < 3; c++) {
        double level = image.value(c, 0, 0);
        if (level > 0.3 && level < 0.7) {
          double difference = level - image.value(c, 1, 1);
          if (Math.abs(difference) < 0.5) {
            sum += difference;
            squares += difference * difference;
            n++;
          }
        }
      }
    }
    double sd = Math.sqrt(squares / n - sum / n * (sum / n)) / Math.sqrt(2);
    assertEquals(0.08, sd, 0.02, "from " + n + " pixels");
  }

  /** The set is of no use if a model without convolutions can do it. */
  @Test
  void aLinearModelFails() {
    Shapes train = Shapes.of(4_000, 5);
    Shapes test = Shapes.of(1_000, 6);
    SoftmaxRegression model = new SoftmaxRegression(3 * 32 * 32, 10);
    for (int epoch = 0; epoch < 8; epoch++) {
      model.trainEpoch(train, Sampler.shuffled(train.size(), 1).order(epoch), 0.001f);
    }
    double accuracy = model.accuracy(test);
    assertTrue(accuracy < 0.25, "test accuracy " + accuracy);
    // That it can learn at all: it must do better than chance where it was trained.
    assertTrue(model.accuracy(train) > 0.2, "training accuracy " + model.accuracy(train));
  }
}
