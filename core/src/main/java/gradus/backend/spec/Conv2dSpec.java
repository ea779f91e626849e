package gradus.backend.spec;

import gradus.GradusException;
import gradus.tensor.Precision;
import gradus.tensor.Shape;

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
    require(
        n >= 1 && c >= 1 && h >= 1 && w >= 1,
        "the input must have at least one image, channel, row and column",
        n,
        c,
        h,
        w);
    require(k >= 1 && r >= 1 && s >= 1, "filters and kernel must be at least 1", k, r, s);
    require(strideH >= 1 && strideW >= 1, "the stride must be at least 1", strideH, strideW);
    require(
        padTop >= 0 && padLeft >= 0 && padBottom >= 0 && padRight >= 0,
        "padding must not be negative",
        padTop,
        padLeft,
        padBottom,
        padRight);
    require(
        dilationH >= 1 && dilationW >= 1, "the dilation must be at least 1", dilationH, dilationW);
    require(
        groups >= 1 && c % groups == 0 && k % groups == 0,
        "groups must divide input channels and filters",
        groups,
        c,
        k);
    require(
        (long) h + padTop + padBottom <= Integer.MAX_VALUE
            && (long) w + padLeft + padRight <= Integer.MAX_VALUE,
        "the padded image has more rows or columns than can be counted",
        h,
        w,
        padTop,
        padLeft,
        padBottom,
        padRight);
    require(
        h + padTop + padBottom > dilationH * (r - 1L)
            && w + padLeft + padRight > dilationW * (s - 1L),
        "the kernel does not fit into the padded input: use a smaller kernel, more padding or larger images",
        h,
        w,
        r,
        s,
        padTop,
        padLeft,
        padBottom,
        padRight,
        dilationH,
        dilationW);
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

  private static void require(boolean holds, String rule, int... numbers) {
    if (!holds) {
      throw new GradusException(
          "Conv2d: " + rule + ", but got " + java.util.Arrays.toString(numbers) + ".");
    }
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
