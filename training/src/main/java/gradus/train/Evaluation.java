package gradus.train;

import gradus.metric.Monitor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a model does on a data set.
 *
 * @param examples how many there were
 * @param loss the mean over them
 * @param accuracy the share that was right, from 0 to 1
 * @param metrics what {@link Evaluator#metrics} asked for, by name; NaN where the network gave a
 *     number that is not finite
 */
public record Evaluation(long examples, double loss, double accuracy, Map<String, Double> metrics) {
  /** What stands for no evaluation. */
  public static final Evaluation NONE = new Evaluation(0, Double.NaN, Double.NaN);

  /** Keeps its own copy of the metrics, in their order. */
  public Evaluation {
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }

  /** Without further metrics. */
  public Evaluation(long examples, double loss, double accuracy) {
    this(examples, loss, accuracy, Map.of());
  }

  /** The number that a monitor watches; NaN if it was not measured. */
  public double validation(Monitor monitor) {
    return monitor.pick(loss, accuracy, metrics);
  }
}
