package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Buffer;
import gradus.backend.LossOps;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;

/** A scalar loss whose kernel leaves its gradient in the same pass over the data. */
public final class LossOp extends Op {
  /**
   * Runs a loss kernel: writes the mean to {@code loss} and, unless {@code gradient} is null, its
   * gradient.
   */
  @FunctionalInterface
  public interface Kernel {
    /** Runs it. */
    void run(LossOps losses, Buffer input, Buffer target, Buffer loss, Buffer gradient);
  }

  private final String name;
  private final Tensor input;
  private Buffer gradient;

  private LossOp(String name, Tensor input, Buffer gradient) {
    this.name = name;
    this.input = input;
    this.gradient = gradient;
  }

  /** Runs the loss and puts it on the tape. The result is a scalar. */
  public static Tensor apply(String name, Tensor input, Tensor target, Kernel kernel) {
    Pass pass = input.pass();
    pass.recordsUnrounded(target);
    boolean recorded = pass.recordsUnrounded(input);
    Tensor loss = pass.allocate(Shape.SCALAR, DType.F32, Placement.DENSE);
    Buffer gradient = recorded ? pass.takeBuffer(input.shape(), DType.F32, Placement.BATCH) : null;
    kernel.run(pass.backend().losses(), input.buffer(), target.buffer(), loss.buffer(), gradient);
    if (recorded) {
      pass.record(new LossOp(name, input, gradient), loss);
    }
    return loss;
  }

  @Override
  protected void backward(Pass pass, Tensor loss) {
    if (!pass.gradientIsOne(loss)) {
      pass.backend().math().scaleBy(loss.gradient(), gradient);
    }
    input.giveGradient(gradient);
    gradient = null;
  }

  @Override
  protected void release(Pass pass) {
    pass.giveBack(gradient);
    gradient = null;
  }

  @Override
  public String name() {
    return name;
  }
}
