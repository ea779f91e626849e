package gradus.backend.cuda;

import gradus.backend.Buffer;
import gradus.backend.FusedOps;
import gradus.backend.MathOps;
import gradus.backend.Memory;
import gradus.backend.NnOps;
import gradus.backend.spec.BatchNormSpec;

/** The compositions that have a kernel of their own; the others run as they are defined. */
record CudaFusedOps(
    CudaContext context, Memory memory, MathOps math, NnOps nn, CudaBatchNorm batchNorm)
    implements FusedOps {

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
    batchNorm.training(
        spec, x, gamma, beta, runningMean, runningVar, residual, true, y, savedMean, savedInvStd);
  }

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
    batchNorm.inference(spec, x, gamma, beta, runningMean, runningVar, residual, true, y);
  }

  @Override
  public void batchNormReluBackward(
      BatchNormSpec spec,
      Buffer x,
      Buffer y,
      Buffer gamma,
      Buffer beta,
      Buffer savedMean,
      Buffer savedInvStd,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dResidual,
      float dResidualBeta,
      Buffer dgamma,
      Buffer dbeta,
      float weightsBeta) {
    batchNorm.backward(
        spec,
        x,
        y,
        gamma,
        savedMean,
        savedInvStd,
        dy,
        dx,
        dxBeta,
        dResidual,
        dResidualBeta,
        dgamma,
        dbeta,
        weightsBeta);
  }

  @Override
  public void addRelu(Buffer a, Buffer b, Buffer y) {
    context.launch(Kernel.ADD_RELU).with(a).with(b).with(y).over(y.elements());
  }
}
