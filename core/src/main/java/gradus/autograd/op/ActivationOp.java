package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.spec.Activation;

/** y = f(x), element by element. */
public final class ActivationOp extends Op {
  private final Activation f;
  private final Tensor x;

  private ActivationOp(Activation f, Tensor x) {
    this.f = f;
    this.x = x;
  }

  /** Runs the function and puts it on the tape. */
  public static Tensor apply(Activation f, Tensor x) {
    Pass pass = x.pass();
    boolean recorded = pass.records(x);
    Tensor y = pass.allocate(x.shape());
    pass.backend().math().activation(f, x.buffer(), y.buffer());
    if (recorded) {
      pass.record(new ActivationOp(f, x), y);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    pass.backend()
        .math()
        .activationBackward(
            f, x.buffer(), y.buffer(), y.gradient(), x.gradient(), x.gradientBeta());
  }

  @Override
  public String name() {
    return f.kind().toString();
  }
}
