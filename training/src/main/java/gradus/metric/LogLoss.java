package gradus.metric;

/**
 * The mean of {@code -log p[label]}, with p kept at least {@code 2^-52} from 0 and 1, as {@code
 * log_loss} of scikit-learn: cross-entropy without class weights or smoothing.
 */
public final class LogLoss {
  private static final double EPSILON = Math.ulp(1.0);

  private LogLoss() {}

  /** Over all examples; less is better. */
  public static double of(Predictions predictions) {
    predictions.requireExamples("Log loss");
    double sum = 0;
    for (int i = 0; i < predictions.examples(); i++) {
      double p = predictions.probability(i, predictions.label(i));
      sum -= Math.log(Math.min(1 - EPSILON, Math.max(EPSILON, p)));
    }
    return sum / predictions.examples();
  }
}
