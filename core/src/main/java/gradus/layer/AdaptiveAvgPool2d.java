package gradus.layer;

import gradus.GradusException;
import gradus.autograd.Tensor;
import gradus.autograd.op.AdaptiveAvgPoolOp;
import gradus.backend.spec.AdaptivePoolSpec;
import gradus.tensor.Shape;

/**
 * Averages down to a given size whatever the input's: {@code [N,C,H,W]} to {@code [N,C,size,size]}.
 * Size 1 is global average pooling (arXiv:1312.4400).
 */
public final class AdaptiveAvgPool2d extends Layer {
  private final int size;
  private AdaptivePoolSpec spec;

  /** Global average pooling. */
  public AdaptiveAvgPool2d() {
    this(1);
  }

  /** An output of {@code size x size}. */
  public AdaptiveAvgPool2d(int size) {
    this.size = size;
  }

  @Override
  protected Shape build(Scope scope, Shape input) {
    if (input.rank() != 3) {
      throw new GradusException(
          "AdaptiveAvgPool2d takes images [C, H, W], but gets " + input + ".");
    }
    spec = new AdaptivePoolSpec(1, input.dim(0), input.dim(1), input.dim(2), size, size);
    return spec.outputShape().withoutBatch();
  }

  @Override
  public Tensor forward(Tensor x) {
    if (spec.n() != x.shape().dim(0)) {
      spec = new AdaptivePoolSpec(x.shape().dim(0), spec.c(), spec.h(), spec.w(), size, size);
    }
    return AdaptiveAvgPoolOp.apply(spec, x);
  }

  @Override
  public <V> V export(Graph<V> graph, V x) {
    return graph.adaptiveAvgPool(spec, x);
  }
}
