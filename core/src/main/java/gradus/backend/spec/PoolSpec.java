package gradus.backend.spec;

import gradus.GradusException;
import gradus.tensor.Shape;

/**
 * A pooling window sliding over {@code [N,C,H,W]}. Padding counts as minus infinity for the
 * maximum; for the average it counts as zeros only if {@code countPadding}.
 */
public record PoolSpec(
    int n,
    int c,
    int h,
    int w,
    int kernelH,
    int kernelW,
    int strideH,
    int strideW,
    int padH,
    int padW,
    boolean countPadding) {

  /** Checks every number. */
  public PoolSpec {
    if (n < 1
        || c < 1
        || h < 1
        || w < 1
        || kernelH < 1
        || kernelW < 1
        || strideH < 1
        || strideW < 1
        || padH < 0
        || padW < 0
        || padH > kernelH / 2
        || padW > kernelW / 2
        || h + 2L * padH < kernelH
        || w + 2L * padW < kernelW
        || (long) kernelH * kernelW > 255) {
      throw new GradusException(
          "Pooling window "
              + kernelH
              + "x"
              + kernelW
              + ", stride "
              + strideH
              + "x"
              + strideW
              + ", padding "
              + padH
              + "x"
              + padW
              + " over "
              + h
              + "x"
              + w
              + " pixels: the window must be no larger than the padded input and hold at most 255 pixels,"
              + " the stride at least 1, the padding at most half the window.");
    }
  }

  /** Output rows. */
  public int outH() {
    return (h + 2 * padH - kernelH) / strideH + 1;
  }

  /** Output columns. */
  public int outW() {
    return (w + 2 * padW - kernelW) / strideW + 1;
  }

  /** {@code [N,C,H,W]}. */
  public Shape inputShape() {
    return Shape.of(n, c, h, w);
  }

  /** {@code [N,C,Ho,Wo]}. */
  public Shape outputShape() {
    return Shape.of(n, c, outH(), outW());
  }

  /** The same for a batch of another size. */
  public PoolSpec withBatch(int size) {
    return size == n
        ? this
        : new PoolSpec(size, c, h, w, kernelH, kernelW, strideH, strideW, padH, padW, countPadding);
  }
}
