package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.PoolSpec;
import gradus.layer.Parameter;
import gradus.tensor.DType;
import gradus.tensor.Placement;

/** y = maxPool(relu(conv(x, w) + b)): the block most small CNNs are made of, as one op. */
public final class Conv2dReluMaxPoolOp extends Op {
  private final Conv2dSpec conv;
  private final PoolSpec pool;
  private final Tensor x;
  private final Parameter w;
  private final Parameter b;
  private Buffer index;

  private Conv2dReluMaxPoolOp(
      Conv2dSpec conv, PoolSpec pool, Tensor x, Parameter w, Parameter b, Buffer index) {
    this.conv = conv;
    this.pool = pool;
    this.x = x;
    this.w = w;
    this.b = b;
    this.index = index;
  }

  /** Runs the block and puts it on the tape. */
  public static Tensor apply(Conv2dSpec layer, PoolSpec pool, Tensor x, Parameter w, Parameter b) {
    Conv2dSpec conv = layer.withFactors(x.pass().precision());
    if (!x.shape().is(conv.n(), conv.c(), conv.h(), conv.w())) {
      throw unfit("Conv2d", x, conv.inputShape());
    }
    if (!w.shape().is(conv.k(), conv.c() / conv.groups(), conv.r(), conv.s())) {
      throw unfit("Conv2d", w, conv.weightShape());
    }
    Pass pass = x.pass();
    Backend backend = pass.backend();
    boolean recorded = pass.records(x, w.isTrainable() || (b != null && b.isTrainable()));
    Tensor y = pass.allocate(pool.outputShape());
    Buffer index = recorded ? pass.takeBuffer(y.shape(), DType.U8, Placement.BATCH) : null;
    Buffer workspace = workspace(pass, conv, pool);
    Buffer weight = w.value();
    backend
        .fused()
        .conv2dReluMaxPool(
            conv,
            pool,
            x.buffer(),
            weight,
            b == null ? null : b.value(),
            y.buffer(),
            index,
            workspace);
    pass.giveBack(workspace);
    if (recorded) {
      pass.record(new Conv2dReluMaxPoolOp(conv, pool, x, w, b, index), y);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    ParameterGradients p = ParameterGradients.of(pass, w, b);
    Buffer dx = x.wantsGradient() ? x.gradient() : null;
    float dxBeta = dx == null ? 0 : x.gradientBeta();
    Buffer weight = w.value();
    Buffer dy = y.gradient();
    Buffer workspace = workspace(pass, conv, pool);
    pass.backend()
        .fused()
        .conv2dReluMaxPoolBackward(
            conv,
            pool,
            x.buffer(),
            weight,
            y.buffer(),
            index,
            dy,
            dx,
            dxBeta,
            p.weight(),
            p.bias(),
            p.beta(),
            workspace);
    pass.giveBack(workspace);
  }

  @Override
  protected void release(Pass pass) {
    pass.giveBack(index);
    index = null;
  }

  private static Buffer workspace(Pass pass, Conv2dSpec conv, PoolSpec pool) {
    long bytes = pass.backend().fused().conv2dReluMaxPoolWorkspaceBytes(conv, pool);
    return bytes == 0 ? null : pass.takeBuffer(DType.F32, bytes);
  }
}
