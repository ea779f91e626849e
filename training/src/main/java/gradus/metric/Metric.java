package gradus.metric;

import java.nio.IntBuffer;

/** Sums something up over batches of logits on the host. */
public interface Metric {
  /**
   * Takes a batch in. The arrays are used again for the next one.
   *
   * @param logits {@code [N,classes]} in row-major order, the whole array
   * @param labels N class numbers from index 0
   */
  void add(float[] logits, int classes, IntBuffer labels);
}
