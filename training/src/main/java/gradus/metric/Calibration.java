package gradus.metric;

import gradus.GradusException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Whether a classifier that is 80 % sure is right in 80 % of cases: examples are put in bins of
 * equal width by the probability of their predicted class, and accuracy is held against confidence
 * in each. A bin reaches from above its lower to its upper end. Guo and others 2017
 * (arXiv:1706.04599).
 *
 * @param bins the reliability diagram, from the least sure
 */
public record Calibration(List<ReliabilityBin> bins) {
  private static final int USUAL_BINS = 15;

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
    if (bins < 1) {
      throw new GradusException("Calibration in " + bins + " bins: at least 1 is needed.");
    }
    predictions.requireExamples("Calibration");
    double[] confidence = new double[bins];
    int[] right = new int[bins];
    int[] examples = new int[bins];
    for (int i = 0; i < predictions.examples(); i++) {
      int predicted = predictions.predicted(i);
      double p = predictions.probability(i, predicted);
      int bin = Math.min(bins - 1, Math.max(0, (int) Math.ceil(p * bins) - 1));
      confidence[bin] += p;
      right[bin] += predicted == predictions.label(i) ? 1 : 0;
      examples[bin]++;
    }
    return new Calibration(
        IntStream.range(0, bins)
            .mapToObj(
                b ->
                    new ReliabilityBin(
                        (double) b / bins,
                        (double) (b + 1) / bins,
                        examples[b],
                        examples[b] == 0 ? Double.NaN : confidence[b] / examples[b],
                        examples[b] == 0 ? Double.NaN : (double) right[b] / examples[b]))
            .toList());
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
