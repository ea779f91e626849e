package gradus.train;

import gradus.metric.Monitor;
import java.util.Comparator;

/**
 * What one epoch came to. Training numbers are means over the epoch, taken while the weights
 * changed; validation numbers are taken after it, and are NaN when there is no validation set.
 *
 * @param epoch from 1
 * @param learningRate of its last step
 * @param seconds of training, without the validation
 * @param imagesPerSecond while training
 */
public record EpochReport(
    int epoch,
    double trainLoss,
    double trainAccuracy,
    double validationLoss,
    double validationAccuracy,
    double learningRate,
    double seconds,
    double imagesPerSecond) {
  /**
   * Better epochs are greater: those with the higher validation accuracy, of equal ones the lower
   * validation loss, of equal ones the earlier. One without a validation is the least.
   */
  public static final Comparator<EpochReport> BY_VALIDATION =
      Comparator.<EpochReport>comparingDouble(e -> orLeast(e.validationAccuracy()))
          .thenComparingDouble(e -> orLeast(-e.validationLoss()))
          .thenComparingInt(e -> -e.epoch());

  /** The number of its validation that a monitor watches. */
  public double validation(Monitor monitor) {
    return monitor.pick(validationLoss, validationAccuracy);
  }

  private static double orLeast(double value) {
    return Double.isNaN(value) ? Double.NEGATIVE_INFINITY : value;
  }
}
