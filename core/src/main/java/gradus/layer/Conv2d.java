package gradus.layer;

import gradus.GradusException;
import gradus.autograd.Tensor;
import gradus.autograd.op.Conv2dOp;
import gradus.backend.spec.Conv2dSpec;
import gradus.tensor.Shape;

/**
 * 2-d convolution (cross-correlation): x {@code [N,C,H,W]} to y {@code [N,K,Ho,Wo]} with {@code Ho
 * = (H + 2 padding - dilation (kernel-1) - 1) / stride + 1}. Parameters: {@code weight
 * [K,C/groups,R,S]}, {@code bias [K]}.
 *
 * <p>Unlike PyTorch's, it is told the output channels only; the input channels come from the shape.
 * {@code groups} equal to the input channels makes it depthwise. Defaults: stride 1, padding 0,
 * dilation 1, groups 1, bias, weights uniform in {@code ±1 / sqrt(fanIn)} as PyTorch's.
 */
public final class Conv2d extends Layer {
  private final int outChannels;
  private final int kernelH;
  private final int kernelW;
  private int strideH = 1;
  private int strideW = 1;
  private int padTop;
  private int padLeft;
  private int padBottom;
  private int padRight;
  private boolean same;
  private int dilation = 1;
  private int groups = 1;
  private boolean hasBias = true;
  private Initializer weightInitializer = Initializer.standard();
  private Initializer biasInitializer;
  private Parameter weight;
  private Parameter bias;
  private Conv2dSpec spec;

  /** {@code outChannels} filters of {@code kernel x kernel}. */
  public Conv2d(int outChannels, int kernel) {
    this(outChannels, kernel, kernel);
  }

  private Conv2d(int outChannels, int kernelH, int kernelW) {
    this.outChannels = outChannels;
    this.kernelH = kernelH;
    this.kernelW = kernelW;
  }

  /**
   * {@code outChannels} filters of {@code kernelH x kernelW}; no constructor, as three numbers are
   * input channels, output channels and kernel to whoever knows PyTorch.
   */
  public static Conv2d rectangular(int outChannels, int kernelH, int kernelW) {
    return new Conv2d(outChannels, kernelH, kernelW);
  }

  /** How far the window moves, in both directions. */
  public Conv2d stride(int stride) {
    return stride(stride, stride);
  }

  /** How far the window moves, down and to the right. */
  public Conv2d stride(int vertical, int horizontal) {
    requireUnbuilt();
    strideH = vertical;
    strideW = horizontal;
    return this;
  }

  /** Zeros around the image, on all sides. */
  public Conv2d padding(int padding) {
    return padding(padding, padding, padding, padding);
  }

  /** Zeros around the image, on each side. */
  public Conv2d padding(int top, int left, int bottom, int right) {
    requireUnbuilt();
    same = false;
    padTop = top;
    padLeft = left;
    padBottom = bottom;
    padRight = right;
    return this;
  }

  /**
   * Zeros around the image so that the output has its height and width: {@code dilation (kernel -
   * 1)} of them, and where that is odd one more below and to the right; {@code padding="same"} in
   * PyTorch. The stride must be 1.
   */
  public Conv2d samePadding() {
    requireUnbuilt();
    same = true;
    return this;
  }

  /** Distance between the taps of the kernel. */
  public Conv2d dilation(int distance) {
    requireUnbuilt();
    dilation = distance;
    return this;
  }

  /** Groups of channels that do not see each other; must divide input and output channels. */
  public Conv2d groups(int count) {
    requireUnbuilt();
    groups = count;
    return this;
  }

  /** Leaves the bias out, as before a batch norm. */
  public Conv2d withoutBias() {
    requireUnbuilt();
    hasBias = false;
    return this;
  }

  /** Where the weights start. */
  public Conv2d weights(Initializer initializer) {
    requireUnbuilt();
    weightInitializer = initializer;
    return this;
  }

  /** Where the bias starts; by default uniform in {@code ±1 / sqrt(fanIn)}. */
  public Conv2d bias(Initializer initializer) {
    requireUnbuilt();
    biasInitializer = initializer;
    return this;
  }

  @Override
  protected Shape build(Scope scope, Shape input) {
    if (input.rank() != 3) {
      throw new GradusException("Conv2d takes images [C, H, W], but gets " + input + ".");
    }
    if (same) {
      padToSameSize();
    }
    spec = spec(1, input.dim(0), input.dim(1), input.dim(2));
    Shape weightShape = spec.weightShape();
    weight = scope.parameter("weight", weightShape, Parameter.Kind.WEIGHT, weightInitializer);
    if (hasBias) {
      Initializer start =
          biasInitializer != null
              ? biasInitializer
              : Initializer.uniform(1 / Math.sqrt((double) weightShape.size() / outChannels));
      bias = scope.parameter("bias", Shape.of(outChannels), Parameter.Kind.BIAS, start);
    }
    return spec.outputShape().withoutBatch();
  }

  private void padToSameSize() {
    if (strideH != 1 || strideW != 1) {
      throw new GradusException(
          "Conv2d with same padding needs stride 1, but has stride "
              + strideH
              + " x "
              + strideW
              + ": give the padding in numbers.");
    }
    int vertical = dilation * (kernelH - 1);
    int horizontal = dilation * (kernelW - 1);
    padTop = vertical / 2;
    padLeft = horizontal / 2;
    padBottom = vertical - padTop;
    padRight = horizontal - padLeft;
  }

  @Override
  public Tensor forward(Tensor x) {
    return Conv2dOp.apply(specFor(x), false, x, weight, bias);
  }

  @Override
  public <V> V export(Graph<V> graph, V x) {
    return graph.conv2d(spec, x, weight, bias);
  }

  @Override
  protected Layer fuse(Layer next) {
    return next instanceof ReLU ? new ConvRelu(this) : null;
  }

  @Override
  protected long multiplyAdds(Shape input, Shape output) {
    return spec.multiplyAdds() / spec.n();
  }

  Parameter weight() {
    return weight;
  }

  Parameter bias() {
    return bias;
  }

  /** The spec for a batch, made anew only when the batch size changes. */
  Conv2dSpec specFor(Tensor x) {
    int n = x.shape().dim(0);
    if (spec.n() != n) {
      spec = spec(n, spec.c(), spec.h(), spec.w());
    }
    return spec;
  }

  private Conv2dSpec spec(int n, int c, int h, int w) {
    return new Conv2dSpec(
        n,
        c,
        h,
        w,
        outChannels,
        kernelH,
        kernelW,
        strideH,
        strideW,
        padTop,
        padLeft,
        padBottom,
        padRight,
        dilation,
        dilation,
        groups);
  }
}
