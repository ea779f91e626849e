package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Buffer;
import gradus.backend.MathOps;

/** y = factor x. */
public final class ScaleOp extends Op {
  private final float factor;
  private final Tensor x;

  private ScaleOp(float factor, Tensor x) {
    this.factor = factor;
    this.x = x;
  }

  /** Runs the product and puts it on the tape. */
  public static Tensor apply(float factor, Tensor x) {
    Pass pass = x.pass();
    boolean recorded = pass.records(x);
    Tensor y = pass.allocate(x.shape());
    MathOps math = pass.backend().math();
    math.copy(x.buffer(), y.buffer());
    math.scale(factor, y.buffer());
    if (recorded) {
      pass.record(new ScaleOp(factor, x), y);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    Buffer dy = y.takeGradient();
    pass.backend().math().scale(factor, dy);
    x.giveGradient(dy);
  }
}
