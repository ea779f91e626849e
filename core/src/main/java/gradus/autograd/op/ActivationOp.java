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
    boolean map = isMap(x);
    boolean recorded = map ? pass.recordsStored(x, false) : pass.records(x);
    Tensor y = map ? pass.allocateStored(x.shape()) : pass.allocate(x.shape());
    pass.backend().math().activation(f, values(x), values(y));
    if (recorded) {
      pass.record(new ActivationOp(f, x), y);
    }
    return y;
  }

  private static boolean isMap(Tensor tensor) {
    return tensor.shape().rank() == 4;
  }

  private static Buffer values(Tensor tensor) {
    return isMap(tensor) ? tensor.stored() : tensor.buffer();
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    boolean rounded = isMap(x) && x.hasRoundedGradient();
    // The first gradient is written over dy.
    Buffer dy = rounded ? y.takeStoredGradient() : y.takeGradient();
    boolean given = x.giveFirstGradient(dy);
    float beta = given ? 0 : x.gradientBeta();
    Buffer dx = rounded ? x.storedGradient() : x.gradient();
    pass.backend().math().activationBackward(f, values(x), values(y), dy, dx, beta);
    if (!given) {
      pass.giveBack(dy);
    }
  }

  @Override
  public String name() {
    return f.kind().toString();
  }
}
