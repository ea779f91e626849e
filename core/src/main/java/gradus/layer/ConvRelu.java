package gradus.layer;

import gradus.autograd.Tensor;
import gradus.autograd.op.Conv2dOp;
import gradus.autograd.op.Conv2dReluMaxPoolOp;
import gradus.backend.spec.Conv2dSpec;

/**
 * A convolution and the ReLU after it as one op, and with a max-pool behind them as one op too.
 * Made by {@link Sequential}.
 */
final class ConvRelu extends FusedLayer {
  private final Conv2d conv;

  ConvRelu(Conv2d conv) {
    this.conv = conv;
  }

  @Override
  public Tensor forward(Tensor x) {
    return Conv2dOp.apply(conv.specFor(x), true, x, conv.weight(), conv.bias());
  }

  @Override
  protected Layer fuse(Layer next) {
    return next instanceof MaxPool2d pool ? new Pooled(conv, pool) : null;
  }

  private static final class Pooled extends FusedLayer {
    private final Conv2d conv;
    private final MaxPool2d pool;

    Pooled(Conv2d conv, MaxPool2d pool) {
      this.conv = conv;
      this.pool = pool;
    }

    @Override
    public Tensor forward(Tensor x) {
      Conv2dSpec spec = conv.specFor(x);
      return Conv2dReluMaxPoolOp.apply(
          spec,
          pool.specFor(spec.n(), spec.k(), spec.outH(), spec.outW()),
          x,
          conv.weight(),
          conv.bias());
    }
  }
}
