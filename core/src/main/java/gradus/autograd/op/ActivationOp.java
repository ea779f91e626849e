package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Buffer;
import gradus.backend.spec.Activation;
import gradus.backend.spec.Activation.Kind;

/**
 * y = f(x), element by element. Maps {@code [N,C,H,W]} lie as they are {@linkplain Tensor#stored
 * stored}. Float32 stay features, and what ends in a sigmoid or tanh: a loss may read them, and the
 * slope of these two, near their ends, is less than a rounded number can tell y from 1.
 */
public final class ActivationOp extends Op {
  private final Activation f;
  private final Tensor x;
  private final boolean stored;

  private ActivationOp(Activation f, Tensor x, boolean stored) {
    this.f = f;
    this.x = x;
    this.stored = stored;
  }

  /** Runs the function and puts it on the tape. */
  public static Tensor apply(Activation f, Tensor x) {
    Pass pass = x.pass();
    boolean stored = x.shape().rank() == 4 && f.kind() != Kind.SIGMOID && f.kind() != Kind.TANH;
    boolean recorded = stored ? pass.recordsStored(x, false) : pass.records(x);
    Tensor y = stored ? pass.allocateStored(x.shape()) : pass.allocate(x.shape());
    ActivationOp op = new ActivationOp(f, x, stored);
    pass.backend().math().activation(f, op.values(x), op.values(y));
    if (recorded) {
      pass.record(op, y);
    }
    return y;
  }

  private Buffer values(Tensor tensor) {
    return stored ? tensor.stored() : tensor.buffer();
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    boolean rounded = stored && x.hasRoundedGradient();
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
