package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Buffer;
import gradus.backend.spec.Conv2dSpec;
import gradus.layer.Parameter;

/**
 * y = conv(x, w) + b, optionally followed by ReLU. x {@code [N,C,H,W]}, w {@code [K,C/groups,R,S]},
 * b {@code [K]} or null, y {@code [N,K,Ho,Wo]}.
 */
public final class Conv2dOp extends Op {
  private final Conv2dSpec spec;
  private final boolean relu;
  private final Tensor x;
  private final Parameter w;
  private final Parameter b;

  private Conv2dOp(Conv2dSpec spec, boolean relu, Tensor x, Parameter w, Parameter b) {
    this.spec = spec;
    this.relu = relu;
    this.x = x;
    this.w = w;
    this.b = b;
  }

  /** Runs the convolution and puts it on the tape. */
  public static Tensor apply(Conv2dSpec layer, boolean relu, Tensor x, Parameter w, Parameter b) {
    requireFit(layer, x, w);
    Pass pass = x.pass();
    Conv2dSpec spec = layer.withFactors(pass.precision());
    boolean recorded = pass.recordsStored(x, w.isTrainable() || (b != null && b.isTrainable()));
    // Backward asks where the result of a ReLU is above 0, and reads no other one.
    Tensor y = relu ? pass.allocate(spec.outputShape()) : pass.allocateStored(spec.outputShape());
    Buffer bias = b == null ? null : b.value();
    Buffer weight = w.value();
    if (relu) {
      pass.backend().fused().conv2dRelu(spec, x.stored(), weight, bias, y.buffer());
    } else {
      pass.backend().nn().conv2d(spec, x.stored(), weight, bias, y.stored());
    }
    if (recorded) {
      pass.record(new Conv2dOp(spec, relu, x, w, b), y);
    }
    return y;
  }

  /** relu(conv(x, w) + b + residual), as one kernel where nothing is recorded. */
  public static Tensor applyAddRelu(
      Conv2dSpec spec, Tensor x, Parameter w, Parameter b, Tensor residual) {
    Pass pass = x.pass();
    boolean learns = w.isTrainable() || (b != null && b.isTrainable());
    if (pass.records(x, learns) || pass.records(residual)) {
      return AddOp.apply(true, apply(spec, false, x, w, b), residual);
    }
    requireFit(spec, x, w);
    if (!residual.shape().equals(spec.outputShape())) {
      throw unfit("Conv2d", residual, spec.outputShape());
    }
    Tensor y = pass.allocate(spec.outputShape());
    Buffer weight = w.value();
    pass.backend()
        .fused()
        .conv2dAddRelu(
            spec, x.buffer(), weight, b == null ? null : b.value(), residual.buffer(), y.buffer());
    return y;
  }

  private static void requireFit(Conv2dSpec spec, Tensor x, Parameter w) {
    if (!x.shape().is(spec.n(), spec.c(), spec.h(), spec.w())) {
      throw unfit("Conv2d", x, spec.inputShape());
    }
    if (!w.shape().is(spec.k(), spec.c() / spec.groups(), spec.r(), spec.s())) {
      throw unfit("Conv2d", w, spec.weightShape());
    }
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    ParameterGradients p = ParameterGradients.of(pass, w, b);
    Buffer dx = x.wantsGradient() ? x.storedGradient() : null;
    float dxBeta = dx == null ? 0 : x.gradientBeta();
    Buffer weight = w.value();
    Buffer dy = y.storedGradient();
    if (relu) {
      pass.backend()
          .fused()
          .conv2dReluBackward(
              spec, x.stored(), weight, y.buffer(), dy, dx, dxBeta, p.weight(), p.bias(), p.beta());
    } else {
      pass.backend()
          .fused()
          .conv2dBackward(spec, x.stored(), weight, dy, dx, dxBeta, p.weight(), p.bias(), p.beta());
    }
  }
}
