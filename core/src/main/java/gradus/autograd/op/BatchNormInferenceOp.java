package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.backend.spec.BatchNormSpec;

/**
 * y = gamma (x - mean) / sqrt(var + epsilon) + beta per channel with the running statistics,
 * optionally followed by adding a residual and ReLU: batch norm in a pass that does not train, or
 * frozen. Its parameters get no gradient, and the one of x needs no x.
 */
final class BatchNormInferenceOp extends Op {
  private final BatchNormSpec spec;
  private final boolean relu;
  private final Tensor x;
  private final Tensor residual;
  private final BatchNormOp.Arrays arrays;

  private BatchNormInferenceOp(
      BatchNormSpec spec, boolean relu, Tensor x, Tensor residual, BatchNormOp.Arrays arrays) {
    this.spec = spec;
    this.relu = relu;
    this.x = x;
    this.residual = residual;
    this.arrays = arrays;
  }

  /** The shapes have been checked; the residual may be null, and is one only before a ReLU. */
  static Tensor apply(
      BatchNormSpec spec, boolean relu, Tensor x, Tensor residual, BatchNormOp.Arrays arrays) {
    Pass pass = x.pass();
    Backend backend = pass.backend();
    boolean ofResidual = residual != null && pass.recordsStored(residual, false);
    boolean recorded = pass.recordsStored(x, false) || ofResidual;
    Tensor y = pass.allocateStored(x.shape());
    Buffer gamma = arrays.gamma().value();
    Buffer beta = arrays.beta().value();
    Buffer mean = arrays.runningMean().value();
    Buffer var = arrays.runningVar().value();
    if (relu) {
      Buffer added = residual == null ? null : residual.stored();
      backend
          .fused()
          .batchNormInferenceRelu(spec, x.stored(), gamma, beta, mean, var, added, y.stored());
    } else {
      backend.nn().batchNormInference(spec, x.stored(), gamma, beta, mean, var, y.stored());
    }
    if (recorded) {
      pass.record(new BatchNormInferenceOp(spec, relu, x, residual, arrays), y);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    Backend backend = pass.backend();
    Buffer gamma = arrays.gamma().value();
    Buffer var = arrays.runningVar().value();
    GradientPlaces to = GradientPlaces.of(x, residual, y);
    if (relu) {
      backend
          .fused()
          .batchNormInferenceReluBackward(
              spec,
              y.stored(),
              gamma,
              var,
              to.dy(),
              to.dx(),
              to.dxBeta(),
              to.dResidual(),
              to.dResidualBeta());
    } else {
      backend.nn().batchNormInferenceBackward(spec, gamma, var, to.dy(), to.dx(), to.dxBeta());
    }
    to.giveBackDy(pass);
  }

  @Override
  public String name() {
    return "BatchNorm2d";
  }
}
