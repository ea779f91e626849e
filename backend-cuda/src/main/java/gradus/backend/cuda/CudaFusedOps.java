package gradus.backend.cuda;

import gradus.backend.Buffer;
import gradus.backend.FusedOps;
import gradus.backend.MathOps;
import gradus.backend.Memory;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;

/** The compositions that have a kernel of their own; the others run as they are defined. */
record CudaFusedOps(
    CudaContext context,
    Memory memory,
    MathOps math,
    CudaNnOps nn,
    Bias bias,
    CudaBatchNorm batchNorm)
    implements FusedOps {

  @Override
  public void conv2dRelu(Conv2dSpec spec, Buffer x, Buffer w, Buffer b, Buffer y) {
    conv2dAddRelu(spec, x, w, b, null, y);
  }

  @Override
  public void conv2dAddRelu(
      Conv2dSpec spec, Buffer x, Buffer w, Buffer b, Buffer residual, Buffer y) {
    nn.conv2d(spec, x, w, null, y);
    bias.addRelu(b, residual, y, spec.k(), spec.outH() * spec.outW());
  }

  @Override
  public void conv2dReluMaxPool(
      Conv2dSpec conv,
      PoolSpec pool,
      Buffer x,
      Buffer w,
      Buffer b,
      Buffer y,
      Buffer index,
      Buffer workspace) {
    nn.conv2d(conv, x, w, null, workspace);
    nn.maxPool(pool, workspace, b, true, y, index);
  }

  @Override
  public void conv2dReluMaxPoolBackward(
      Conv2dSpec conv,
      PoolSpec pool,
      Buffer x,
      Buffer w,
      Buffer y,
      Buffer index,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dw,
      Buffer db,
      float weightsBeta,
      Buffer workspace) {
    nn.maxPoolReluBackward(pool, dy, y, index, workspace, 0);
    conv2dBackward(conv, x, w, workspace, dx, dxBeta, dw, db, weightsBeta);
  }

  @Override
  public void linearRelu(LinearSpec spec, Buffer x, Buffer w, Buffer b, Buffer y) {
    nn.linear(spec, x, w, null, y);
    bias.addRelu(b, null, y, spec.out(), 1);
  }

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
  public void batchNormInferenceReluBackward(
      BatchNormSpec spec,
      Buffer y,
      Buffer gamma,
      Buffer runningVar,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dResidual,
      float dResidualBeta) {
    batchNorm.inferenceBackward(
        spec, y, gamma, runningVar, dy, dx, dxBeta, dResidual, dResidualBeta);
  }

  @Override
  public void addRelu(Buffer a, Buffer b, Buffer y) {
    context.launch(Kernel.ADD_RELU).with(a).with(b).with(y).over(y.elements());
  }
}
