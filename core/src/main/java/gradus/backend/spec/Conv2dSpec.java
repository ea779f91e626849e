package gradus.backend.spec;

import gradus.GradusException;
import gradus.tensor.Precision;
import gradus.tensor.Shape;
import java.util.Arrays;

/**
 * A 2-d cross-correlation: x {@code [N,C,H,W]}, w {@code [K,C/groups,R,S]}, b {@code [K]}, y {@code
 * [N,K,Ho,Wo]} with {@code Ho = (H + padTop + padBottom - dilationH (R-1) - 1) / strideH + 1}.
 *
 * @param factors what a backend may round factors to: w, the gradient of y, what an algorithm makes
 *     of them, and x; in a mixed precision also the results, and x holds values that its type can
 *     hold already. Sums are float32. For those who would rather multiply more exactly it means
 *     nothing
 */
public record Conv2dSpec(
    int n,
    int c,
    int h,
    int w,
    int k,
    int r,
    int s,
    int strideH,
    int strideW,
    int padTop,
    int padLeft,
    int padBottom,
    int padRight,
    int dilationH,
    int dilationW,
    int groups,
    Precision factors) {

  /** Checks every number. */
  public Conv2dSpec {
    if (n < 1 || c < 1 || h < 1 || w < 1) {
      throw refused(
          "the input must have at least one image, channel, row and column, but is "
              + Arrays.toString(new int[] {n, c, h, w}));
    }
    if (k < 1 || r < 1 || s < 1) {
      throw refused(
          "filters and kernel must be at least 1, but there are "
              + k
              + " filters of "
              + size(r, s));
    }
    if (strideH < 1 || strideW < 1) {
      throw refused("the stride must be at least 1, but is " + size(strideH, strideW));
    }
    if (padTop < 0 || padLeft < 0 || padBottom < 0 || padRight < 0) {
      throw refused(
          "padding must not be negative, but is "
              + Arrays.toString(new int[] {padTop, padLeft, padBottom, padRight})
              + " (top, left, bottom, right)");
    }
    if (dilationH < 1 || dilationW < 1) {
      throw refused("the dilation must be at least 1, but is " + size(dilationH, dilationW));
    }
    if (groups < 1 || c % groups != 0 || k % groups != 0) {
      throw refused(
          "groups must divide input channels and filters, but there are "
              + groups
              + " groups, "
              + c
              + " channels and "
              + k
              + " filters");
    }
    long rows = (long) h + padTop + padBottom;
    long columns = (long) w + padLeft + padRight;
    if (rows > Integer.MAX_VALUE || columns > Integer.MAX_VALUE) {
      throw refused(
          "the padded image of "
              + size(rows, columns)
              + " has more rows or columns than can be counted");
    }
    long spanH = dilationH * (r - 1L) + 1;
    long spanW = dilationW * (s - 1L) + 1;
    if (rows < spanH || columns < spanW) {
      throw refused(
          "a kernel that spans "
              + size(spanH, spanW)
              + " pixels does not fit into the image of "
              + size(rows, columns)
              + ", padding included: use a smaller kernel, more padding or larger images");
    }
  }

  /** Of factors in float32. */
  public Conv2dSpec(
      int n,
      int c,
      int h,
      int w,
      int k,
      int r,
      int s,
      int strideH,
      int strideW,
      int padTop,
      int padLeft,
      int padBottom,
      int padRight,
      int dilationH,
      int dilationW,
      int groups) {
    this(
        n,
        c,
        h,
        w,
        k,
        r,
        s,
        strideH,
        strideW,
        padTop,
        padLeft,
        padBottom,
        padRight,
        dilationH,
        dilationW,
        groups,
        Precision.FP32);
  }

  /** The usual square, symmetric convolution. */
  public static Conv2dSpec of(
      int n, int c, int h, int w, int k, int kernel, int stride, int padding) {
    return new Conv2dSpec(
        n, c, h, w, k, kernel, kernel, stride, stride, padding, padding, padding, padding, 1, 1, 1);
  }

  /** Output rows. */
  public int outH() {
    return (h + padTop + padBottom - dilationH * (r - 1) - 1) / strideH + 1;
  }

  /** Output columns. */
  public int outW() {
    return (w + padLeft + padRight - dilationW * (s - 1) - 1) / strideW + 1;
  }

  /** {@code [N,C,H,W]}. */
  public Shape inputShape() {
    return Shape.of(n, c, h, w);
  }

  /** {@code [K,C/groups,R,S]}. */
  public Shape weightShape() {
    return Shape.of(k, c / groups, r, s);
  }

  /** {@code [N,K,Ho,Wo]}. */
  public Shape outputShape() {
    return Shape.of(n, k, outH(), outW());
  }

  /** Multiply-adds of one forward pass over the batch. */
  public long multiplyAdds() {
    return (long) n * k * outH() * outW() * (c / groups) * r * s;
  }

  private static GradusException refused(String why) {
    return new GradusException("Conv2d: " + why + ".");
  }

  private static String size(long height, long width) {
    return height + " x " + width;
  }

  /** The same for a batch of another size. */
  public Conv2dSpec withBatch(int size) {
    return size == n
        ? this
        : new Conv2dSpec(
            size, c, h, w, k, r, s, strideH, strideW, padTop, padLeft, padBottom, padRight,
            dilationH, dilationW, groups, factors);
  }

  /** The same for factors of that precision. */
  public Conv2dSpec withFactors(Precision precision) {
    return precision == factors
        ? this
        : new Conv2dSpec(
            n, c, h, w, k, r, s, strideH, strideW, padTop, padLeft, padBottom, padRight, dilationH,
            dilationW, groups, precision);
  }
}
