package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.spec.AdaptivePoolSpec;

/** y = the mean of each of outH x outW windows that cover x {@code [N,C,H,W]}. */
public final class AdaptiveAvgPoolOp extends Op {
  private final AdaptivePoolSpec spec;
  private final Tensor x;

  private AdaptiveAvgPoolOp(AdaptivePoolSpec spec, Tensor x) {
    this.spec = spec;
    this.x = x;
  }

  /** Runs the pooling and puts it on the tape. */
  public static Tensor apply(AdaptivePoolSpec spec, Tensor x) {
    if (!x.shape().is(spec.n(), spec.c(), spec.h(), spec.w())) {
      throw unfit("AdaptiveAvgPool2d", x, spec.inputShape());
    }
    Pass pass = x.pass();
    boolean recorded = pass.records(x);
    Tensor y = pass.allocate(spec.outputShape());
    pass.backend().nn().adaptiveAvgPool(spec, x.buffer(), y.buffer());
    if (recorded) {
      pass.record(new AdaptiveAvgPoolOp(spec, x), y);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    pass.backend().nn().adaptiveAvgPoolBackward(spec, y.gradient(), x.gradient(), x.gradientBeta());
  }
}
