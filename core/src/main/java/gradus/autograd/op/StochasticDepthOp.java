package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.spec.ChannelScaleSpec;
import gradus.backend.spec.DropoutSpec;
import gradus.tensor.Shape;

/**
 * y = x with whole examples set to 0 at random and the others scaled up, in a training pass; x
 * itself in an evaluation pass.
 */
public final class StochasticDepthOp extends Op {
  private final ChannelScaleSpec spec;
  private final Tensor x;
  private final Tensor factors;

  private StochasticDepthOp(ChannelScaleSpec spec, Tensor x, Tensor factors) {
    this.spec = spec;
    this.x = x;
    this.factors = factors;
  }

  /** Drops examples and puts that on the tape. */
  public static Tensor apply(float probability, Tensor x) {
    Pass pass = x.pass();
    if (!pass.isDropping() || probability == 0) {
      return x;
    }
    boolean recorded = pass.records(x);
    int n = x.shape().dim(0);
    // To the backend an example is one channel: one factor for all it has.
    ChannelScaleSpec spec = new ChannelScaleSpec(n, 1, Math.toIntExact(x.shape().size() / n));
    Tensor factors = pass.allocate(Shape.of(n, 1));
    DropoutSpec draw = DropoutSpec.of(factors.shape(), probability, pass.nextSeed());
    Tensor y = pass.allocate(x.shape());
    Backend backend = pass.backend();
    backend.math().fill(factors.buffer(), 1);
    backend.nn().dropout(draw, factors.buffer(), factors.buffer());
    backend.nn().scaleChannels(spec, x.buffer(), factors.buffer(), y.buffer(), 0);
    if (recorded) {
      pass.record(new StochasticDepthOp(spec, x, factors), y);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    pass.backend()
        .nn()
        .scaleChannels(spec, y.gradient(), factors.buffer(), x.gradient(), x.gradientBeta());
  }
}
