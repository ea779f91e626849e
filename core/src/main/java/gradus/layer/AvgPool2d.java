package gradus.layer;

import gradus.GradusException;
import gradus.autograd.Tensor;
import gradus.autograd.op.AvgPoolOp;
import gradus.backend.spec.PoolSpec;
import gradus.tensor.Shape;

/**
 * The mean of each window: {@code [N,C,H,W]} to {@code [N,C,Ho,Wo]} with {@code Ho = (H + 2 padding
 * - kernel) / stride + 1}. Padding counts as zeros unless {@link #ignorePadding} is asked for
 * (PyTorch's count_include_pad).
 */
public final class AvgPool2d extends Layer {
  private final int kernel;
  private int stride;
  private int padding;
  private boolean countPadding = true;
  private PoolSpec spec;

  /** Windows of {@code kernel x kernel} that do not overlap. */
  public AvgPool2d(int kernel) {
    this.kernel = kernel;
    this.stride = kernel;
  }

  /** How far the window moves; by default its own size. */
  public AvgPool2d stride(int pixels) {
    requireUnbuilt();
    stride = pixels;
    return this;
  }

  /** Pixels around the image, at most half the window; by default none. */
  public AvgPool2d padding(int pixels) {
    requireUnbuilt();
    padding = pixels;
    return this;
  }

  /** Divides by the number of real pixels in the window. */
  public AvgPool2d ignorePadding() {
    requireUnbuilt();
    countPadding = false;
    return this;
  }

  @Override
  protected Shape build(Scope scope, Shape input) {
    if (input.rank() != 3) {
      throw new GradusException("AvgPool2d takes images [C, H, W], but gets " + input + ".");
    }
    spec = specFor(1, input.dim(0), input.dim(1), input.dim(2));
    return spec.outputShape().withoutBatch();
  }

  @Override
  public Tensor forward(Tensor x) {
    Shape shape = x.shape();
    return AvgPoolOp.apply(specFor(shape.dim(0), shape.dim(1), shape.dim(2), shape.dim(3)), x);
  }

  @Override
  public <V> V export(Graph<V> graph, V x) {
    return graph.avgPool(spec, x);
  }

  /** The spec for a batch, made anew only when the batch size changes. */
  PoolSpec specFor(int n, int c, int h, int w) {
    if (spec == null || spec.n() != n) {
      spec =
          new PoolSpec(n, c, h, w, kernel, kernel, stride, stride, padding, padding, countPadding);
    }
    return spec;
  }
}
