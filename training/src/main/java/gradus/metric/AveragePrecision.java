package gradus.metric;

/**
 * Average precision, the area under the precision-recall curve as steps: the sum over the distinct
 * scores, from the largest, of {@code (recall - recall before) * precision}. Tells more than {@link
 * RocAuc} where positives are rare. As {@code average_precision_score} of scikit-learn: no
 * interpolation, and 0 for a class without examples.
 */
public final class AveragePrecision {
  private AveragePrecision() {}

  /**
   * For a yes-or-no question.
   *
   * @param scores larger is more likely positive; any range
   * @param positive what is true, as many
   */
  public static double binary(double[] scores, boolean[] positive) {
    return of(Binary.ranking("Average precision", scores, positive));
  }

  /** One class against all others. */
  public static double of(Predictions predictions, int label) {
    predictions.requireExamples("Average precision");
    return of(predictions.oneVsRest(label));
  }

  /** The mean over the classes. */
  public static double macro(Predictions predictions) {
    predictions.requireExamples("Average precision");
    double sum = 0;
    for (int c = 0; c < predictions.classes(); c++) {
      sum += of(predictions, c);
    }
    return sum / predictions.classes();
  }

  private static double of(Ranking ranking) {
    long positives = ranking.positives();
    if (positives == 0) {
      return 0;
    }
    double[] sum = new double[1];
    long[] last = new long[1];
    ranking.forEachThreshold(
        (hits, alarms) -> {
          sum[0] += (double) (hits - last[0]) / positives * hits / (hits + alarms);
          last[0] = hits;
        });
    return sum[0];
  }
}
