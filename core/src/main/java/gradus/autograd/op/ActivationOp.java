package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Buffer;
import gradus.backend.spec.Activation;

/**
 * y = f(x), element by element. Maps {@code [N,C,H,W]} lie as they are {@linkplain Tensor#stored
 * stored}; features, which a loss may read unrounded, in float32.
 */
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
    if (x.shape().rank() != 4) {
      return applyToFloats(f, x);
    }
    boolean recorded = pass.recordsStored(x, false);
    Tensor y = pass.allocateStored(x.shape());
    pass.backend().math().activation(f, x.stored(), y.stored());
    if (recorded) {
      pass.record(new ActivationOp(f, x), y);
    }
    return y;
  }

  private static Tensor applyToFloats(Activation f, Tensor x) {
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
    boolean maps = x.shape().rank() == 4;
    boolean rounded = maps && x.hasRoundedGradient();
    // The first gradient is written over dy.
    Buffer dy = rounded ? y.takeStoredGradient() : y.takeGradient();
    boolean given = x.giveFirstGradient(dy);
    float beta = given ? 0 : x.gradientBeta();
    pass.backend()
        .math()
        .activationBackward(
            f,
            maps ? x.stored() : x.buffer(),
            maps ? y.stored() : y.buffer(),
            dy,
            rounded ? x.storedGradient() : x.gradient(),
            beta);
    if (!given) {
      pass.giveBack(dy);
    }
  }

  @Override
  public String name() {
    return f.kind().toString();
  }
}
