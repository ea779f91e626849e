package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.spec.SoftmaxSpec;
import gradus.tensor.Shape;

/** y = softmax of x over its second dimension: {@code [N,C]} or {@code [N,C,H,W]}. */
public final class SoftmaxOp extends Op {
  private final SoftmaxSpec spec;
  private final Tensor x;

  private SoftmaxOp(SoftmaxSpec spec, Tensor x) {
    this.spec = spec;
    this.x = x;
  }

  /** Runs the softmax and puts it on the tape. */
  public static Tensor apply(Tensor x) {
    Pass pass = x.pass();
    boolean recorded = pass.recordsUnrounded(x);
    Shape shape = x.shape();
    int n = shape.dim(0);
    int c = shape.dim(1);
    SoftmaxSpec spec = new SoftmaxSpec(n, c, Math.toIntExact(shape.size() / ((long) n * c)));
    Tensor y = pass.allocate(shape);
    pass.backend().nn().softmax(spec, x.buffer(), y.buffer());
    if (recorded) {
      pass.record(new SoftmaxOp(spec, x), y);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    pass.backend()
        .nn()
        .softmaxBackward(spec, y.buffer(), y.gradient(), x.gradient(), x.gradientBeta());
  }
}
