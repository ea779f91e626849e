package gradus.metric;

import gradus.GradusException;

/**
 * The area under the receiver operating characteristic: the chance that an example of a class is
 * scored above one that is not of it, ties counting half. 1 is perfect, 0.5 is guessing. As {@code
 * roc_auc_score} of scikit-learn; where that is undefined (a class without examples, or with all of
 * them) this is refused.
 */
public final class RocAuc {
  private RocAuc() {}

  /**
   * For a yes-or-no question.
   *
   * @param scores larger is more likely positive; any range
   * @param positive what is true, as many
   */
  public static double binary(double[] scores, boolean[] positive) {
    return of(Binary.ranking("ROC-AUC", scores, positive), "the positive class");
  }

  /** One class against all others. */
  public static double of(Predictions predictions, int label) {
    predictions.requireExamples("ROC-AUC");
    return of(predictions.oneVsRest(label), "class " + label);
  }

  /** The mean over the classes, each against the rest: {@code multi_class="ovr"}. */
  public static double macro(Predictions predictions) {
    predictions.requireExamples("ROC-AUC");
    double sum = 0;
    for (int c = 0; c < predictions.classes(); c++) {
      sum += of(predictions, c);
    }
    return sum / predictions.classes();
  }

  /** The same mean weighted by the examples of each class. */
  public static double weighted(Predictions predictions) {
    predictions.requireExamples("ROC-AUC");
    double sum = 0;
    for (int c = 0; c < predictions.classes(); c++) {
      sum += of(predictions, c) * predictions.support(c);
    }
    return sum / predictions.examples();
  }

  /**
   * The mean over all pairs of classes, each pair alone and in both directions: {@code
   * multi_class="ovo"}, which unequal classes do not change (Hand and Till 2001).
   */
  public static double oneVsOne(Predictions predictions) {
    predictions.requireExamples("ROC-AUC");
    int classes = predictions.classes();
    double sum = 0;
    for (int a = 0; a < classes; a++) {
      for (int b = 0; b < classes; b++) {
        sum += a == b ? 0 : of(predictions.oneVsOne(a, b), "class " + a + " against " + b);
      }
    }
    return sum / (classes * (classes - 1));
  }

  private static double of(Ranking ranking, String what) {
    long positives = ranking.positives();
    long negatives = ranking.negatives();
    if (positives == 0 || negatives == 0) {
      throw new GradusException(
          "ROC-AUC of "
              + what
              + " is undefined: there are "
              + positives
              + " examples of it and "
              + negatives
              + " others. Judge data that has both.");
    }
    double[] area = new double[1];
    long[] last = new long[2];
    ranking.forEachThreshold(
        (hits, alarms) -> {
          area[0] += (alarms - last[1]) * (hits + last[0]) * 0.5;
          last[0] = hits;
          last[1] = alarms;
        });
    return area[0] / positives / negatives;
  }
}
