package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.backend.spec.Activation;
import gradus.backend.spec.BatchNormSpec;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;

/**
 * y = gamma (x - mean) / sqrt(var + epsilon) + beta per channel with the running statistics,
 * optionally followed by adding a residual and ReLU: batch norm in a pass that does not train. Its
 * parameters get no gradient.
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
    boolean recorded = pass.records(x) || (residual != null && pass.records(residual));
    Tensor y = pass.allocate(x.shape());
    Buffer gamma = arrays.gamma().value();
    Buffer beta = arrays.beta().value();
    Buffer mean = arrays.runningMean().value();
    Buffer var = arrays.runningVar().value();
    if (relu) {
      Buffer added = residual == null ? null : residual.buffer();
      backend
          .fused()
          .batchNormInferenceRelu(spec, x.buffer(), gamma, beta, mean, var, added, y.buffer());
    } else {
      backend.nn().batchNormInference(spec, x.buffer(), gamma, beta, mean, var, y.buffer());
    }
    if (recorded) {
      pass.record(new BatchNormInferenceOp(spec, relu, x, residual, arrays), y);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    Backend backend = pass.backend();
    Buffer dy = y.gradient();
    if (relu) {
      backend.math().activationBackward(Activation.RELU, y.buffer(), y.buffer(), dy, dy, 0);
    }
    if (residual != null && residual.wantsGradient()) {
      backend.fused().accumulate(dy, residual.gradient(), residual.gradientBeta());
    }
    if (x.wantsGradient()) {
      // The statistics are constants, so the gradient is scaled as x was, about nothing.
      Buffer zeros = pass.takeBuffer(Shape.of(spec.c()), DType.F32, Placement.DENSE);
      backend.memory().zero(zeros);
      Buffer dx = pass.takeBuffer(x.shape(), DType.F32, Placement.BATCH);
      backend
          .nn()
          .batchNormInference(
              spec, dy, arrays.gamma().value(), zeros, zeros, arrays.runningVar().value(), dx);
      pass.giveBack(zeros);
      x.giveGradient(dx);
    }
  }

  @Override
  public String name() {
    return "BatchNorm2d";
  }
}
