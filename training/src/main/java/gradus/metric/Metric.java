package gradus.metric;

import java.nio.IntBuffer;

/** Sums something up over batches of logits on the host. */
public interface Metric {
  /**
   * Takes a batch in.
   *
   * @param logits {@code [N,classes]} in row-major order
   * @param labels N class numbers from index 0
   */
  void add(float[] logits, int classes, IntBuffer labels);
}
