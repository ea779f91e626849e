package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Buffer;
import gradus.backend.spec.LinearSpec;
import gradus.layer.Parameter;

/**
 * y = x w^T + b, optionally followed by ReLU. x {@code [N,in]}, w {@code [out,in]}, b {@code [out]}
 * or null, y {@code [N,out]}.
 */
public final class LinearOp extends Op {
  private final LinearSpec spec;
  private final boolean relu;
  private final Tensor x;
  private final Parameter w;
  private final Parameter b;

  private LinearOp(LinearSpec spec, boolean relu, Tensor x, Parameter w, Parameter b) {
    this.spec = spec;
    this.relu = relu;
    this.x = x;
    this.w = w;
    this.b = b;
  }

  /** Runs the product and puts it on the tape. */
  public static Tensor apply(LinearSpec layer, boolean relu, Tensor x, Parameter w, Parameter b) {
    if (!x.shape().is(layer.n(), layer.in())) {
      throw unfit("Linear", x, layer.inputShape());
    }
    if (!w.shape().is(layer.out(), layer.in())) {
      throw unfit("Linear", w, layer.weightShape());
    }
    Pass pass = x.pass();
    LinearSpec spec = layer.withFactors(pass.precision());
    boolean recorded = pass.records(x, w.isTrainable() || (b != null && b.isTrainable()));
    Tensor y = pass.allocate(spec.outputShape());
    Buffer bias = b == null ? null : b.value();
    Buffer weight = w.value();
    if (relu) {
      pass.backend().fused().linearRelu(spec, x.buffer(), weight, bias, y.buffer());
    } else {
      pass.backend().nn().linear(spec, x.buffer(), weight, bias, y.buffer());
    }
    if (recorded) {
      pass.record(new LinearOp(spec, relu, x, w, b), y);
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
    if (relu) {
      pass.backend()
          .fused()
          .linearReluBackward(
              spec, x.buffer(), weight, y.buffer(), dy, dx, dxBeta, p.weight(), p.bias(), p.beta());
    } else {
      pass.backend()
          .fused()
          .linearBackward(spec, x.buffer(), weight, dy, dx, dxBeta, p.weight(), p.bias(), p.beta());
    }
  }
}
