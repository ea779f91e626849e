package gradus.metric;

import java.util.List;

/**
 * Whether a classifier that is 80 % sure is right in 80 % of cases: examples are put in bins of
 * equal width by the probability of their predicted class, and accuracy is held against confidence
 * in each. A bin reaches from above its lower to its upper end. Guo and others 2017
 * (arXiv:1706.04599).
 *
 * @param bins the reliability diagram, from the least sure
 */
public record Calibration(List<ReliabilityBin> bins) {
  static final int USUAL_BINS = 15;

  /** Keeps a copy. */
  public Calibration {
    bins = List.copyOf(bins);
  }

  /** With 15 bins, as in the paper. */
  public static Calibration of(Predictions predictions) {
    return of(predictions, USUAL_BINS);
  }

  /** With so many bins, at least 1. */
  public static Calibration of(Predictions predictions, int bins) {
    CalibrationCounter counter = new CalibrationCounter(bins);
    predictions.requireExamples("Calibration");
    for (int i = 0; i < predictions.examples(); i++) {
      int predicted = predictions.predicted(i);
      counter.add(predictions.probability(i, predicted), predicted == predictions.label(i));
    }
    return counter.calibration();
  }

  /** ECE: the mean of |accuracy - confidence| over the bins, weighted by their examples. */
  public double expectedError() {
    double sum = 0;
    long examples = 0;
    for (ReliabilityBin bin : bins) {
      sum += bin.gap() * bin.examples();
      examples += bin.examples();
    }
    return sum / examples;
  }

  /** MCE: the largest |accuracy - confidence| of a bin. */
  public double maximumError() {
    return bins.stream().mapToDouble(ReliabilityBin::gap).max().orElse(Double.NaN);
  }
}
