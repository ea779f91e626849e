package gradus.backend.spec;

import gradus.GradusException;
import gradus.tensor.Shape;

/**
 * An average over windows chosen so that the output has the given size: output row i averages the
 * input rows from {@code floor(i H / outH)} to {@code ceil((i+1) H / outH) - 1}, and likewise for
 * columns.
 */
public record AdaptivePoolSpec(int n, int c, int h, int w, int outH, int outW) {

  /** Checks every number. */
  public AdaptivePoolSpec {
    if (n < 1 || c < 1 || h < 1 || w < 1 || outH < 1 || outW < 1) {
      throw new GradusException(
          "Adaptive pooling from "
              + h
              + "x"
              + w
              + " to "
              + outH
              + "x"
              + outW
              + ": every size must be at least 1.");
    }
  }

  /** {@code [N,C,H,W]}. */
  public Shape inputShape() {
    return Shape.of(n, c, h, w);
  }

  /** {@code [N,C,outH,outW]}. */
  public Shape outputShape() {
    return Shape.of(n, c, outH, outW);
  }

  /** The same for a batch of another size. */
  public AdaptivePoolSpec withBatch(int size) {
    return size == n ? this : new AdaptivePoolSpec(size, c, h, w, outH, outW);
  }
}
