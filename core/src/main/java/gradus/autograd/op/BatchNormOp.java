package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.backend.spec.BatchNormSpec;
import gradus.layer.Parameter;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;

/**
 * y = gamma (x - mean) / sqrt(var + epsilon) + beta per channel, optionally followed by adding a
 * residual and ReLU, with the batch's statistics. In a pass that does not train, and where gamma
 * and beta are both frozen, it is {@link BatchNormInferenceOp}.
 */
public final class BatchNormOp extends Op {
  /** The four arrays of a batch norm layer, each {@code [C]}. */
  public record Arrays(
      Parameter gamma, Parameter beta, Parameter runningMean, Parameter runningVar) {

    /** Whether neither scale nor shift learns, and the statistics stay as they are. */
    public boolean areFrozen() {
      return !gamma.isTrainable() && !beta.isTrainable();
    }
  }

  private final BatchNormSpec spec;
  private final boolean relu;
  private final Tensor x;
  private final Tensor residual;
  private final Arrays arrays;
  private Buffer savedMean;
  private Buffer savedInvStd;

  private BatchNormOp(
      BatchNormSpec spec,
      boolean relu,
      Tensor x,
      Tensor residual,
      Arrays arrays,
      Buffer savedMean,
      Buffer savedInvStd) {
    this.spec = spec;
    this.relu = relu;
    this.x = x;
    this.residual = residual;
    this.arrays = arrays;
    this.savedMean = savedMean;
    this.savedInvStd = savedInvStd;
  }

  /** y = batchNorm(x). */
  public static Tensor apply(BatchNormSpec spec, Tensor x, Arrays arrays) {
    return apply(spec, false, x, null, arrays);
  }

  /** y = relu(batchNorm(x) + residual); the residual may be null. */
  public static Tensor applyRelu(BatchNormSpec spec, Tensor x, Tensor residual, Arrays arrays) {
    return apply(spec, true, x, residual, arrays);
  }

  private static Tensor apply(
      BatchNormSpec spec, boolean relu, Tensor x, Tensor residual, Arrays arrays) {
    if (!x.shape().is(spec.n(), spec.c(), spec.h(), spec.w())
        && !(spec.h() * spec.w() == 1 && x.shape().is(spec.n(), spec.c()))) {
      throw unfit("BatchNorm2d", x, spec.shape());
    }
    if (residual != null && !residual.shape().equals(x.shape())) {
      throw unfit("BatchNorm2d", residual, x.shape());
    }
    Pass pass = x.pass();
    if (!pass.isTraining() || arrays.areFrozen()) {
      return BatchNormInferenceOp.apply(spec, relu, x, residual, arrays);
    }
    Backend backend = pass.backend();
    boolean ofResidual = residual != null && pass.recordsStored(residual, false);
    boolean recorded = pass.recordsStored(x, true) || ofResidual;
    Tensor y = pass.allocateStored(x.shape());
    Buffer gamma = arrays.gamma.value();
    Buffer beta = arrays.beta.value();
    Buffer mean = arrays.runningMean.value();
    Buffer var = arrays.runningVar.value();
    Shape perChannel = Shape.of(spec.c());
    Buffer savedMean = pass.takeBuffer(perChannel, DType.F32, Placement.DENSE);
    Buffer savedInvStd = pass.takeBuffer(perChannel, DType.F32, Placement.DENSE);
    if (relu) {
      Buffer added = residual == null ? null : residual.stored();
      backend
          .fused()
          .batchNormTrainingRelu(
              spec, x.stored(), gamma, beta, mean, var, added, y.stored(), savedMean, savedInvStd);
    } else {
      backend
          .nn()
          .batchNormTraining(
              spec, x.stored(), gamma, beta, mean, var, y.stored(), savedMean, savedInvStd);
    }
    BatchNormOp op = new BatchNormOp(spec, relu, x, residual, arrays, savedMean, savedInvStd);
    if (recorded) {
      pass.record(op, y);
    } else {
      op.release(pass);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    float weightsBeta = arrays.gamma.gradientBeta();
    arrays.beta.gradientBeta();
    Buffer dgamma = arrays.gamma.gradient();
    Buffer dbeta = arrays.beta.gradient();
    GradientPlaces to = GradientPlaces.of(x, residual, y);
    Backend backend = pass.backend();
    if (relu) {
      backend
          .fused()
          .batchNormReluBackward(
              spec,
              x.stored(),
              y.stored(),
              arrays.gamma.value(),
              residual == null ? arrays.beta.value() : null,
              savedMean,
              savedInvStd,
              to.dy(),
              to.dx(),
              to.dxBeta(),
              to.dResidual(),
              to.dResidualBeta(),
              dgamma,
              dbeta,
              weightsBeta);
    } else {
      backend
          .nn()
          .batchNormBackward(
              spec,
              x.stored(),
              arrays.gamma.value(),
              savedMean,
              savedInvStd,
              to.dy(),
              to.dx(),
              to.dxBeta(),
              dgamma,
              dbeta,
              weightsBeta);
    }
    to.giveBackDy(pass);
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
    return "BatchNorm2d";
  }
}
