package gradus.metric;

import gradus.GradusException;
import java.nio.IntBuffer;

/**
 * The share of examples whose label is among the k largest logits. Of equal logits the one of the
 * lower class counts as larger, as in {@link Accuracy}; an example with a NaN is wrong.
 */
public final class TopKAccuracy implements Metric {
  private final int k;
  private long examples;
  private long right;

  /** {@code k} is from 1; 5 is usual. */
  public TopKAccuracy(int k) {
    if (k < 1) {
      throw new GradusException("The k of a top-k accuracy is " + k + ", but must be at least 1.");
    }
    this.k = k;
  }

  @Override
  public void add(float[] logits, int classes, IntBuffer labels) {
    int n = logits.length / classes;
    for (int row = 0; row < n; row++) {
      right += isRight(logits, row * classes, classes, labels.get(row)) ? 1 : 0;
    }
    examples += n;
  }

  private boolean isRight(float[] logits, int first, int classes, int label) {
    float own = logits[first + label];
    int larger = 0;
    for (int c = 0; c < classes; c++) {
      float other = logits[first + c];
      if (Float.isNaN(other)) {
        return false;
      }
      larger += other > own || (other == own && c < label) ? 1 : 0;
    }
    return larger < k;
  }

  /**
   * From 0 to 1.
   *
   * @throws GradusException before any batch
   */
  public double value() {
    if (examples == 0) {
      throw new GradusException(
          "The top-"
              + k
              + " accuracy is asked for before any batch: give it to Evaluator.evaluate, or call update"
              + " first.");
    }
    return (double) right / examples;
  }
}
