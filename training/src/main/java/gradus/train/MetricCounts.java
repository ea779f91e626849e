package gradus.train;

import gradus.GradusException;
import gradus.metric.Metric;
import gradus.metric.ValidationMetric;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What metrics count over one evaluation. A network that gives NaN or infinity has none of them:
 * the metrics are NaN then, as the loss is, and nothing fails.
 */
final class MetricCounts implements Metric {
  private final List<Count<?>> counts = new ArrayList<>();
  private boolean complete; // there was a batch, and all logits were finite
  private boolean finite = true;

  private record Count<M extends Metric>(ValidationMetric<M> metric, M counter) {
    static <M extends Metric> Count<M> none(ValidationMetric<M> metric, int classes) {
      return new Count<>(metric, metric.counter().apply(classes));
    }

    double value() {
      return metric.value().applyAsDouble(counter);
    }
  }

  /**
   * None yet.
   *
   * @throws GradusException if one of the metrics is none for so many classes
   */
  MetricCounts(List<ValidationMetric<?>> metrics, int classes) {
    metrics.forEach(metric -> counts.add(Count.none(metric, classes)));
  }

  @Override
  public void add(float[] logits, int classes, IntBuffer labels) {
    finite = finite && isFinite(logits);
    complete = finite;
    if (finite) {
      for (int i = 0; i < counts.size(); i++) {
        counts.get(i).counter().add(logits, classes, labels);
      }
    }
  }

  private static boolean isFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /** By the names of the metrics, in their order. */
  Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    for (Count<?> count : counts) {
      values.put(count.metric().name(), complete ? count.value() : Double.NaN);
    }
    return values;
  }
}
