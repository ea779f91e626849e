package gradus.train;

import gradus.metric.Monitor;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one epoch came to. Training numbers are means over the epoch, taken while the weights
 * changed; validation numbers are taken after it, and are NaN when there is no validation set.
 *
 * @param epoch from 1
 * @param learningRate of its last step
 * @param seconds of training, without the validation
 * @param imagesPerSecond while training
 * @param metrics further numbers of the validation, by name; empty unless somebody asked for one
 */
public record EpochReport(
    int epoch,
    double trainLoss,
    double trainAccuracy,
    double validationLoss,
    double validationAccuracy,
    double learningRate,
    double seconds,
    double imagesPerSecond,
    Map<String, Double> metrics) {
  /**
   * Better epochs are greater: those with the higher validation accuracy, of equal ones the lower
   * validation loss, of equal ones the earlier. One without a validation is the least.
   */
  public static final Comparator<EpochReport> BY_VALIDATION =
      Comparator.<EpochReport>comparingDouble(e -> orLeast(e.validationAccuracy()))
          .thenComparingDouble(e -> orLeast(-e.validationLoss()))
          .thenComparingInt(e -> -e.epoch());

  /** Keeps its own copy of the metrics, in their order; checkpoints of before have none. */
  public EpochReport {
    metrics =
        metrics == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }

  /** Without further metrics. */
  public EpochReport(
      int epoch,
      double trainLoss,
      double trainAccuracy,
      double validationLoss,
      double validationAccuracy,
      double learningRate,
      double seconds,
      double imagesPerSecond) {
    this(
        epoch,
        trainLoss,
        trainAccuracy,
        validationLoss,
        validationAccuracy,
        learningRate,
        seconds,
        imagesPerSecond,
        Map.of());
  }

  /**
   * Better epochs are greater: by the number that a monitor watches, of equal ones the earlier. One
   * without that number is the least.
   */
  public static Comparator<EpochReport> by(Monitor monitor) {
    int sign = monitor.lessIsBetter() ? -1 : 1;
    return Comparator.<EpochReport>comparingDouble(e -> orLeast(sign * e.validation(monitor)))
        .thenComparingInt(e -> -e.epoch());
  }

  /**
   * Better epochs are greater, for who watches this: a metric decides alone ({@link #by}), loss and
   * accuracy do so together ({@link #BY_VALIDATION}).
   */
  public static Comparator<EpochReport> ranking(Monitor watched) {
    return watched.metric() == null ? BY_VALIDATION : by(watched);
  }

  /** The number that decides first in {@link #ranking}: what to show beside the best. */
  public static Monitor decider(Monitor watched) {
    return watched.metric() == null ? Monitor.VALIDATION_ACCURACY : watched;
  }

  /** The number of its validation that a monitor watches; NaN if it was not measured. */
  public double validation(Monitor monitor) {
    return monitor.pick(validationLoss, validationAccuracy, metrics);
  }

  private static double orLeast(double value) {
    return Double.isNaN(value) ? Double.NEGATIVE_INFINITY : value;
  }
}
