package gradus.layer;

import gradus.GradusException;
import gradus.autograd.Tensor;
import gradus.autograd.op.MaxPoolOp;
import gradus.backend.spec.PoolSpec;
import gradus.tensor.Shape;

/**
 * The maximum of each channel over the whole image: {@code [N,C,H,W]} to {@code [N,C,1,1]}, for
 * images of at most 255 pixels. PyTorch's AdaptiveMaxPool2d(1).
 */
public final class GlobalMaxPool2d extends Layer {
  private PoolSpec spec;

  @Override
  protected Shape build(Scope scope, Shape input) {
    if (input.rank() != 3) {
      throw new GradusException("GlobalMaxPool2d takes images [C, H, W], but gets " + input + ".");
    }
    spec = spec(1, input.dim(0), input.dim(1), input.dim(2));
    return spec.outputShape().withoutBatch();
  }

  @Override
  public Tensor forward(Tensor x) {
    if (spec.n() != x.shape().dim(0)) {
      spec = spec(x.shape().dim(0), spec.c(), spec.h(), spec.w());
    }
    return MaxPoolOp.apply(spec, x);
  }

  @Override
  public <V> V export(Graph<V> graph, V x) {
    return graph.maxPool(spec, x);
  }

  private static PoolSpec spec(int n, int c, int h, int w) {
    return new PoolSpec(n, c, h, w, h, w, h, w, 0, 0, true);
  }
}
