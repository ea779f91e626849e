package gradus.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import java.nio.IntBuffer;
import org.junit.jupiter.api.Test;

class TopKAccuracyTest {
  private static double topK(int k, float[] logits, int... labels) {
    TopKAccuracy accuracy = new TopKAccuracy(k);
    accuracy.add(logits, logits.length / labels.length, IntBuffer.wrap(labels));
    return accuracy.value();
  }

  @Test
  void countsLabelsAmongTheLargest() {
    float[] logits = {4, 3, 2, 1, /**/ 1, 2, 3, 4, /**/ 2, 4, 1, 3};
    assertEquals(1 / 3.0, topK(1, logits, 0, 2, 0), 1e-12);
    assertEquals(2 / 3.0, topK(2, logits, 0, 2, 0), 1e-12);
    assertEquals(1, topK(3, logits, 0, 2, 0), 1e-12);
    assertEquals(1, topK(9, logits, 3, 0, 2), 1e-12, "k beyond the classes");
  }

  @Test
  void ofEqualsTheLowerClassIsLarger() {
    float[] logits = {1, 1, 1};
    assertEquals(1, topK(2, logits, 1));
    assertEquals(0, topK(2, logits, 2));
    assertEquals(0, topK(3, new float[] {1, Float.NaN, 0}, 0), "a NaN makes it wrong");
  }

  @Test
  void misuseIsRefused() {
    assertThrows(GradusException.class, () -> new TopKAccuracy(0));
    assertThrows(GradusException.class, new TopKAccuracy(5)::value, "before any batch");
  }
}
