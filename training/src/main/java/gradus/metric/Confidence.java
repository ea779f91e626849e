package gradus.metric;

/**
 * What a classifier says of one example, and how sure it is.
 *
 * @param predicted the first of the most probable classes
 * @param probability of that class, by softmax
 */
record Confidence(int predicted, double probability) {
  /** From the logits of one example, which begin at {@code first}; all must be finite. */
  static Confidence of(float[] logits, int first, int classes) {
    int best = 0;
    for (int c = 1; c < classes; c++) {
      best = logits[first + c] > logits[first + best] ? c : best;
    }
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += Math.exp((double) logits[first + c] - logits[first + best]);
    }
    return new Confidence(best, 1 / sum);
  }
}
