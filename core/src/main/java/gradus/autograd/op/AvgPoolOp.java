package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.spec.PoolSpec;

/** y = the mean of each window of x {@code [N,C,H,W]}. */
public final class AvgPoolOp extends Op {
  private final PoolSpec spec;
  private final Tensor x;

  private AvgPoolOp(PoolSpec spec, Tensor x) {
    this.spec = spec;
    this.x = x;
  }

  /** Runs the pooling and puts it on the tape. */
  public static Tensor apply(PoolSpec spec, Tensor x) {
    if (!x.shape().is(spec.n(), spec.c(), spec.h(), spec.w())) {
      throw unfit("AvgPool2d", x, spec.inputShape());
    }
    Pass pass = x.pass();
    boolean recorded = pass.records(x);
    Tensor y = pass.allocate(spec.outputShape());
    pass.backend().nn().avgPool(spec, x.buffer(), y.buffer());
    if (recorded) {
      pass.record(new AvgPoolOp(spec, x), y);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    pass.backend().nn().avgPoolBackward(spec, y.gradient(), x.gradient(), x.gradientBeta());
  }
}
