package gradus.metric;

import gradus.GradusException;
import java.nio.IntBuffer;
import java.util.stream.IntStream;

/**
 * Counts a {@link Calibration} batch by batch, in memory that does not grow with the examples as
 * that of {@link Predictions} does.
 */
public final class CalibrationCounter implements Metric {
  private final double[] confidence;
  private final int[] right;
  private final int[] examples;

  /** Nothing counted, in the 15 usual bins. */
  public CalibrationCounter() {
    this(Calibration.USUAL_BINS);
  }

  /** Nothing counted, in so many bins, at least 1. */
  public CalibrationCounter(int bins) {
    if (bins < 1) {
      throw new GradusException("Calibration in " + bins + " bins: at least 1 is needed.");
    }
    confidence = new double[bins];
    right = new int[bins];
    examples = new int[bins];
  }

  /** Takes logits in, by their softmax; all must be finite. */
  @Override
  public void add(float[] logits, int classes, IntBuffer labels) {
    for (int n = 0; n < logits.length / classes; n++) {
      Confidence said = Confidence.of(logits, n * classes, classes);
      add(said.probability(), said.predicted() == labels.get(n));
    }
  }

  /** Counts one example: the probability of its predicted class, and whether that is its label. */
  public void add(double probability, boolean isRight) {
    int bins = examples.length;
    int bin = Math.min(bins - 1, Math.max(0, (int) Math.ceil(probability * bins) - 1));
    confidence[bin] += probability;
    right[bin] += isRight ? 1 : 0;
    examples[bin]++;
  }

  /** What was counted. */
  public Calibration calibration() {
    int bins = examples.length;
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
}
