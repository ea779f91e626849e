package gradus.metric;

import java.util.Arrays;

/** Examples of a yes-or-no question by falling score; equal scores share one threshold. */
final class Ranking {
  /** One threshold: what lies at or above it. */
  interface Threshold {
    void accept(long truePositives, long falsePositives);
  }

  private record Scored(double score, boolean positive) {}

  private final Scored[] examples;
  private int count;
  private long positives;

  Ranking(int capacity) {
    examples = new Scored[capacity];
  }

  void add(double score, boolean positive) {
    examples[count++] = new Scored(score, positive);
    positives += positive ? 1 : 0;
  }

  long positives() {
    return positives;
  }

  long negatives() {
    return count - positives;
  }

  /** Goes down the distinct scores, from the largest. */
  void forEachThreshold(Threshold action) {
    Scored[] sorted = Arrays.copyOf(examples, count);
    Arrays.sort(sorted, (a, b) -> Double.compare(b.score, a.score));
    long truePositives = 0;
    for (int i = 0; i < count; i++) {
      truePositives += sorted[i].positive ? 1 : 0;
      if (i + 1 == count || sorted[i + 1].score < sorted[i].score) {
        action.accept(truePositives, i + 1 - truePositives);
      }
    }
  }
}
