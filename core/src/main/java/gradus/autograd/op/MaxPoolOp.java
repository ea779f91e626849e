package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Buffer;
import gradus.backend.spec.PoolSpec;
import gradus.tensor.DType;
import gradus.tensor.Placement;

/**
 * y = the maximum of each window of x {@code [N,C,H,W]}; the gradient flows to where the maximum
 * was.
 */
public final class MaxPoolOp extends Op {
  private final PoolSpec spec;
  private final Tensor x;
  private Buffer index;

  private MaxPoolOp(PoolSpec spec, Tensor x, Buffer index) {
    this.spec = spec;
    this.x = x;
    this.index = index;
  }

  /** Runs the pooling and puts it on the tape. */
  public static Tensor apply(PoolSpec spec, Tensor x) {
    if (!x.shape().is(spec.n(), spec.c(), spec.h(), spec.w())) {
      throw unfit("MaxPool2d", x, spec.inputShape());
    }
    Pass pass = x.pass();
    boolean recorded = pass.recordsStored(x, false);
    Tensor y = pass.allocateStored(spec.outputShape());
    Buffer index = recorded ? pass.takeBuffer(y.shape(), DType.U8, Placement.BATCH) : null;
    pass.backend().nn().maxPool(spec, x.stored(), y.stored(), index);
    if (recorded) {
      pass.record(new MaxPoolOp(spec, x, index), y);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    pass.backend()
        .nn()
        .maxPoolBackward(spec, y.storedGradient(), index, x.storedGradient(), x.gradientBeta());
  }

  @Override
  protected void release(Pass pass) {
    pass.giveBack(index);
    index = null;
  }
}
