package gradus.metric;

/**
 * The mean over the examples of {@code sum_c (p[c] - [c is the label])^2}, half of it for two
 * classes, as {@code brier_score_loss} of scikit-learn; less is better.
 */
public final class BrierScore {
  private BrierScore() {}

  /** Over all examples. */
  public static double of(Predictions predictions) {
    predictions.requireExamples("The Brier score");
    double sum = 0;
    for (int i = 0; i < predictions.examples(); i++) {
      for (int c = 0; c < predictions.classes(); c++) {
        double off = predictions.probability(i, c) - (c == predictions.label(i) ? 1 : 0);
        sum += off * off;
      }
    }
    return sum / predictions.examples() / (predictions.classes() == 2 ? 2 : 1);
  }
}
