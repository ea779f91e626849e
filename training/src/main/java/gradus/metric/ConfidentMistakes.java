package gradus.metric;

import gradus.GradusException;
import java.nio.IntBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Keeps the mistakes a classifier is most sure of: what to look at first, since a wrong label or a
 * picture that does not belong there is often among them.
 */
public final class ConfidentMistakes implements Metric {
  private static final Comparator<Mistake> SURER =
      Comparator.comparingDouble(Mistake::confidence)
          .thenComparing(Mistake::index, Comparator.reverseOrder());

  private final int most;
  private final PriorityQueue<Mistake> kept = new PriorityQueue<>(SURER);
  private int examples;

  /** Will keep {@code most} of them, at least 1. */
  public ConfidentMistakes(int most) {
    if (most < 1) {
      throw new GradusException(
          "The " + most + " most confident mistakes: at least 1 must be kept.");
    }
    this.most = most;
  }

  /** Takes logits in, by their softmax; all must be finite. */
  @Override
  public void add(float[] logits, int classes, IntBuffer labels) {
    for (int n = 0; n < logits.length / classes; n++) {
      Confidence said = Confidence.of(logits, n * classes, classes);
      if (said.predicted() != labels.get(n)) {
        kept.add(new Mistake(examples, labels.get(n), said.predicted(), said.probability()));
        if (kept.size() > most) {
          kept.remove();
        }
      }
      examples++;
    }
  }

  /** Those kept, the most confident first; of equals the earlier. */
  public List<Mistake> list() {
    return kept.stream().sorted(SURER.reversed()).toList();
  }
}
