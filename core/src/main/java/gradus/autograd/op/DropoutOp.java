package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.spec.DropoutSpec;

/**
 * y = x with elements dropped at random and the others scaled up, in a training pass; x itself in
 * an evaluation pass.
 */
public final class DropoutOp extends Op {
  private final DropoutSpec spec;
  private final Tensor x;

  private DropoutOp(DropoutSpec spec, Tensor x) {
    this.spec = spec;
    this.x = x;
  }

  /** Runs the dropout and puts it on the tape. */
  public static Tensor apply(float probability, Tensor x) {
    Pass pass = x.pass();
    if (!pass.isDropping() || probability == 0) {
      return x;
    }
    boolean recorded = pass.records(x);
    DropoutSpec spec = DropoutSpec.of(x.shape(), probability, pass.nextSeed());
    Tensor y = pass.allocate(x.shape());
    pass.backend().nn().dropout(spec, x.buffer(), y.buffer());
    if (recorded) {
      pass.record(new DropoutOp(spec, x), y);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    pass.backend().nn().dropoutBackward(spec, y.gradient(), x.gradient(), x.gradientBeta());
  }
}
