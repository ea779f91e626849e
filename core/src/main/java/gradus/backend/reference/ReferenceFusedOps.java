package gradus.backend.reference;

import gradus.backend.Buffer;
import gradus.backend.FusedOps;
import gradus.backend.MathOps;
import gradus.backend.Memory;
import gradus.backend.NnOps;
import gradus.backend.spec.BatchNormSpec;

/** The fused ops as their definitions say. */
record ReferenceFusedOps(Memory memory, MathOps math, NnOps nn) implements FusedOps {
  /** Rounded once, behind the ReLU. */
  @Override
  public void batchNormTrainingRelu(
      BatchNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      Buffer residual,
      Buffer y,
      Buffer savedMean,
      Buffer savedInvStd) {
    ReferenceBatchNorm.training(
        spec,
        ReferenceBuffer.of(x),
        ReferenceBuffer.of(gamma),
        ReferenceBuffer.of(beta),
        ReferenceBuffer.of(runningMean),
        ReferenceBuffer.of(runningVar),
        ReferenceBuffer.of(y),
        ReferenceBuffer.of(savedMean),
        ReferenceBuffer.of(savedInvStd));
    addRelu(y, residual, y);
  }

  /** Rounded once, behind the ReLU. */
  @Override
  public void batchNormInferenceRelu(
      BatchNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      Buffer residual,
      Buffer y) {
    ReferenceBatchNorm.inference(
        spec,
        ReferenceBuffer.of(x),
        ReferenceBuffer.of(gamma),
        ReferenceBuffer.of(beta),
        ReferenceBuffer.of(runningMean),
        ReferenceBuffer.of(runningVar),
        ReferenceBuffer.of(y));
    addRelu(y, residual, y);
  }
}
