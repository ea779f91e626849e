package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Buffer;
import gradus.backend.spec.GroupNormSpec;
import gradus.layer.Parameter;
import gradus.tensor.DType;
import gradus.tensor.Placement;

/**
 * y = gamma (x - mean) / sqrt(var + epsilon) + beta, with the mean and variance of each group of
 * channels of each image.
 */
public final class GroupNormOp extends Op {
  private final GroupNormSpec spec;
  private final Tensor x;
  private final Parameter gamma;
  private final Parameter beta;
  private Buffer savedMean;
  private Buffer savedInvStd;

  private GroupNormOp(
      GroupNormSpec spec,
      Tensor x,
      Parameter gamma,
      Parameter beta,
      Buffer savedMean,
      Buffer savedInvStd) {
    this.spec = spec;
    this.x = x;
    this.gamma = gamma;
    this.beta = beta;
    this.savedMean = savedMean;
    this.savedInvStd = savedInvStd;
  }

  /** y = groupNorm(x); gamma and beta are {@code [C]}. */
  public static Tensor apply(GroupNormSpec spec, Tensor x, Parameter gamma, Parameter beta) {
    if (!x.shape().is(spec.n(), spec.c(), spec.h(), spec.w())
        && !(spec.h() * spec.w() == 1 && x.shape().is(spec.n(), spec.c()))) {
      throw unfit("GroupNorm", x, spec.shape());
    }
    Pass pass = x.pass();
    boolean recorded = pass.records(x, gamma.isTrainable() || beta.isTrainable());
    Tensor y = pass.allocate(x.shape());
    Buffer mean = pass.takeBuffer(spec.statistics(), DType.F32, Placement.BATCH);
    Buffer invStd = pass.takeBuffer(spec.statistics(), DType.F32, Placement.BATCH);
    pass.backend()
        .nn()
        .groupNorm(spec, x.buffer(), gamma.value(), beta.value(), y.buffer(), mean, invStd);
    GroupNormOp op = new GroupNormOp(spec, x, gamma, beta, mean, invStd);
    if (recorded) {
      pass.record(op, y);
    } else {
      op.release(pass);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    ParameterGradients p = ParameterGradients.of(pass, gamma, beta);
    // The first gradient of x is written over dy: memory that is at hand.
    Buffer dy = y.takeGradient();
    boolean wanted = x.wantsGradient();
    boolean given = wanted && x.giveFirstGradient(dy);
    float dxBeta = wanted && !given ? x.gradientBeta() : 0;
    pass.backend()
        .nn()
        .groupNormBackward(
            spec,
            x.buffer(),
            gamma.value(),
            savedMean,
            savedInvStd,
            dy,
            wanted ? x.gradient() : null,
            dxBeta,
            p.weight(),
            p.bias(),
            p.beta());
    if (!given) {
      pass.giveBack(dy);
    }
  }

  @Override
  protected void release(Pass pass) {
    pass.giveBack(savedMean);
    pass.giveBack(savedInvStd);
    savedMean = null;
    savedInvStd = null;
  }

  @Override
  public String name() {
    return "GroupNorm";
  }
}
