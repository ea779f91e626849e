package gradus.metric;

import gradus.GradusException;

/** Checks the scores of a yes-or-no question. */
final class Binary {
  private Binary() {}

  static Ranking ranking(String metric, double[] scores, boolean[] positive) {
    if (scores.length == 0 || scores.length != positive.length) {
      throw new GradusException(
          metric
              + " takes a score and a truth for each of at least one example, but got "
              + scores.length
              + " scores and "
              + positive.length
              + " truths.");
    }
    Ranking ranking = new Ranking(scores.length);
    for (int i = 0; i < scores.length; i++) {
      if (Double.isNaN(scores[i])) {
        throw new GradusException(metric + ": the score of example " + i + " is NaN.");
      }
      ranking.add(scores[i], positive[i]);
    }
    return ranking;
  }
}
