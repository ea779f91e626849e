package gradus.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.metric.ValidationMetric;
import java.nio.IntBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricCountsTest {
  private static final List<ValidationMetric<?>> METRICS =
      List.of(ValidationMetric.MACRO_RECALL, ValidationMetric.BALANCED_ACCURACY);

  private final MetricCounts counts = new MetricCounts(METRICS, 2);

  private void add(float first, float second, int label) {
    counts.add(new float[] {first, second}, 2, IntBuffer.wrap(new int[] {label}));
  }

  @Test
  void batchesAreCountedTogether() {
    add(1, 0, 0);
    add(1, 0, 1);
    add(0, 1, 1);
    assertEquals(Map.of("macro_recall", 0.75, "balanced_accuracy", 0.75), counts.values());
  }

  @Test
  void withoutAnExampleTheyAreNaN() {
    assertEquals(
        Map.of("macro_recall", Double.NaN, "balanced_accuracy", Double.NaN), counts.values());
  }

  /** As the loss of a network that has diverged, whose run is to go on to say so. */
  @Test
  void ofLogitsThatAreNoNumbersTheyAreNaN() {
    add(1, 0, 0);
    add(Float.NaN, 0, 1);
    add(0, 1, 1);
    assertEquals(
        Map.of("macro_recall", Double.NaN, "balanced_accuracy", Double.NaN), counts.values());
    MetricCounts infinite = new MetricCounts(METRICS, 2);
    infinite.add(new float[] {Float.POSITIVE_INFINITY, 0}, 2, IntBuffer.wrap(new int[] {0}));
    assertEquals(Double.NaN, infinite.values().get("macro_recall"));
  }
}
