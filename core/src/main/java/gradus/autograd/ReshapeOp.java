package gradus.autograd;

import gradus.backend.MathOps;
import gradus.tensor.Shape;

/** y = x under another shape, moved where the backend lays the two out differently. */
final class ReshapeOp extends Op {
  private final Tensor x;

  private ReshapeOp(Tensor x) {
    this.x = x;
  }

  static Tensor apply(Tensor x, Shape shape) {
    Pass pass = x.pass();
    boolean recorded = pass.recordsStored(x, false);
    Tensor y = pass.allocateStored(shape);
    pass.backend().math().reshape(x.stored(), x.shape(), y.stored(), shape, 0);
    if (recorded) {
      pass.record(new ReshapeOp(x), y);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    MathOps math = pass.backend().math();
    math.reshape(y.storedGradient(), y.shape(), x.storedGradient(), x.shape(), x.gradientBeta());
  }
}
