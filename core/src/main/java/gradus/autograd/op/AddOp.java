package gradus.autograd.op;

import gradus.GradusException;
import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Buffer;
import gradus.backend.spec.Activation;

/** y = a + b, optionally followed by ReLU: where a residual block joins its two ways. */
public final class AddOp extends Op {
  private final boolean relu;
  private final Tensor a;
  private final Tensor b;

  private AddOp(boolean relu, Tensor a, Tensor b) {
    this.relu = relu;
    this.a = a;
    this.b = b;
  }

  /** Runs the sum and puts it on the tape. */
  public static Tensor apply(boolean relu, Tensor a, Tensor b) {
    if (!a.shape().equals(b.shape())) {
      throw new GradusException(
          "Cannot add tensors of shapes "
              + a.shape()
              + " and "
              + b.shape()
              + ": they must be equal.");
    }
    Pass pass = a.pass();
    boolean aRecorded = pass.records(a);
    boolean recorded = pass.records(b) || aRecorded;
    Tensor y = pass.allocate(a.shape());
    if (relu) {
      pass.backend().fused().addRelu(a.buffer(), b.buffer(), y.buffer());
    } else {
      pass.backend().math().add(a.buffer(), b.buffer(), y.buffer());
    }
    if (recorded) {
      pass.record(new AddOp(relu, a, b), y);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    if (relu) {
      pass.backend()
          .math()
          .activationBackward(
              Activation.RELU, y.buffer(), y.buffer(), y.gradient(), y.gradient(), 0);
    }
    Buffer dy = y.takeGradient();
    boolean both = a.wantsGradient() && b.wantsGradient();
    if (both) {
      pass.backend().fused().accumulate(dy, b.gradient(), b.gradientBeta());
    }
    (a.wantsGradient() ? a : b).giveGradient(dy);
  }
}
