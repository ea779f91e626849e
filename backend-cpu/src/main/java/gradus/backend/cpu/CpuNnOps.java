package gradus.backend.cpu;

import static gradus.backend.cpu.CpuBuffer.address;
import static gradus.backend.cpu.CpuBuffer.packed;

import gradus.backend.Buffer;
import gradus.backend.NnOps;
import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.ChannelCopySpec;
import gradus.backend.spec.ChannelScaleSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.DropoutSpec;
import gradus.backend.spec.GroupNormSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.backend.spec.SoftmaxSpec;
import gradus.kernels.Kernels;

/** The primitives: each is one kernel, which knows both layouts. */
final class CpuNnOps implements NnOps {
  private static final long NONE = 0;

  private final CpuContext context;

  CpuNnOps(CpuContext context) {
    this.context = context;
  }

  @Override
  public void conv2d(Conv2dSpec spec, Buffer x, Buffer w, Buffer b, Buffer y) {
    context.prepareProducts(spec.n());
    context.check(
        Kernels.conv2d(
            context.handle(),
            context.spec(spec),
            address(x),
            packed(x),
            address(w),
            address(b),
            NONE,
            0,
            address(y),
            packed(y)));
  }

  @Override
  public void conv2dBackwardData(Conv2dSpec spec, Buffer w, Buffer dy, Buffer dx, float beta) {
    context.prepareProducts(spec.n());
    context.check(
        Kernels.conv2dBackward(
            context.handle(),
            context.spec(spec),
            NONE,
            0,
            address(w),
            NONE,
            address(dy),
            packed(dy),
            address(dx),
            packed(dx),
            beta,
            NONE,
            NONE,
            0));
  }

  @Override
  public void conv2dBackwardWeights(
      Conv2dSpec spec, Buffer x, Buffer dy, Buffer dw, Buffer db, float beta) {
    context.prepareProducts(spec.n());
    context.check(
        Kernels.conv2dBackward(
            context.handle(),
            context.spec(spec),
            address(x),
            packed(x),
            NONE,
            NONE,
            address(dy),
            packed(dy),
            NONE,
            0,
            0,
            address(dw),
            address(db),
            beta));
  }

  @Override
  public void linear(LinearSpec spec, Buffer x, Buffer w, Buffer b, Buffer y) {
    context.prepareProducts(spec.n());
    context.check(
        Kernels.linear(
            context.handle(),
            context.spec(spec),
            address(x),
            address(w),
            address(b),
            0,
            address(y)));
  }

  @Override
  public void linearBackwardData(LinearSpec spec, Buffer w, Buffer dy, Buffer dx, float beta) {
    context.prepareProducts(spec.n());
    context.check(
        Kernels.linearBackward(
            context.handle(),
            context.spec(spec),
            NONE,
            address(w),
            NONE,
            address(dy),
            address(dx),
            beta,
            NONE,
            NONE,
            0));
  }

  @Override
  public void linearBackwardWeights(
      LinearSpec spec, Buffer x, Buffer dy, Buffer dw, Buffer db, float beta) {
    context.prepareProducts(spec.n());
    context.check(
        Kernels.linearBackward(
            context.handle(),
            context.spec(spec),
            address(x),
            NONE,
            NONE,
            address(dy),
            NONE,
            0,
            address(dw),
            address(db),
            beta));
  }

  @Override
  public void maxPool(PoolSpec spec, Buffer x, Buffer y, Buffer index) {
    context.check(
        Kernels.maxPool(
            context.handle(),
            context.spec(spec),
            address(x),
            address(y),
            packed(x),
            address(index)));
  }

  @Override
  public void maxPoolBackward(PoolSpec spec, Buffer dy, Buffer index, Buffer dx, float beta) {
    context.check(
        Kernels.maxPoolBackward(
            context.handle(),
            context.spec(spec),
            address(dy),
            packed(dy),
            address(index),
            address(dx),
            packed(dx),
            beta));
  }

  @Override
  public void avgPool(PoolSpec spec, Buffer x, Buffer y) {
    context.check(Kernels.avgPool(context.handle(), context.spec(spec), address(x), address(y)));
  }

  @Override
  public void avgPoolBackward(PoolSpec spec, Buffer dy, Buffer dx, float beta) {
    context.check(
        Kernels.avgPoolBackward(
            context.handle(), context.spec(spec), address(dy), address(dx), beta));
  }

  @Override
  public void adaptiveAvgPool(AdaptivePoolSpec spec, Buffer x, Buffer y) {
    context.check(
        Kernels.adaptiveAvgPool(context.handle(), context.spec(spec), address(x), address(y)));
  }

  @Override
  public void adaptiveAvgPoolBackward(AdaptivePoolSpec spec, Buffer dy, Buffer dx, float beta) {
    context.check(
        Kernels.adaptiveAvgPoolBackward(
            context.handle(), context.spec(spec), address(dy), address(dx), beta));
  }

  @Override
  public void batchNormTraining(
      BatchNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      Buffer y,
      Buffer savedMean,
      Buffer savedInvStd) {
    context.check(
        Kernels.batchNormTraining(
            context.handle(),
            context.spec(spec),
            address(x),
            address(gamma),
            address(beta),
            address(runningMean),
            address(runningVar),
            NONE,
            0,
            packed(x),
            address(y),
            address(savedMean),
            address(savedInvStd)));
  }

  @Override
  public void batchNormInference(
      BatchNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      Buffer y) {
    context.check(
        Kernels.batchNormInference(
            context.handle(),
            context.spec(spec),
            address(x),
            address(gamma),
            address(beta),
            address(runningMean),
            address(runningVar),
            NONE,
            0,
            packed(x),
            address(y)));
  }

  @Override
  public void batchNormBackward(
      BatchNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer savedMean,
      Buffer savedInvStd,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dgamma,
      Buffer dbeta,
      float weightsBeta) {
    context.check(
        Kernels.batchNormBackward(
            context.handle(),
            context.spec(spec),
            address(x),
            NONE,
            packed(x),
            address(gamma),
            NONE,
            address(savedMean),
            address(savedInvStd),
            address(dy),
            packed(dy),
            address(dx),
            dxBeta,
            NONE,
            0,
            packed(dx),
            address(dgamma),
            address(dbeta),
            weightsBeta));
  }

  @Override
  public void batchNormInferenceBackward(
      BatchNormSpec spec, Buffer gamma, Buffer runningVar, Buffer dy, Buffer dx, float dxBeta) {
    context.check(
        Kernels.batchNormInferenceBackward(
            context.handle(),
            context.spec(spec),
            NONE,
            packed(dx),
            address(gamma),
            address(runningVar),
            address(dy),
            packed(dy),
            address(dx),
            dxBeta,
            NONE,
            0,
            packed(dx)));
  }

  @Override
  public void groupNorm(
      GroupNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      Buffer y,
      Buffer savedMean,
      Buffer savedInvStd) {
    context.check(
        Kernels.groupNorm(
            context.handle(),
            context.spec(spec),
            address(x),
            address(gamma),
            address(beta),
            address(y),
            address(savedMean),
            address(savedInvStd)));
  }

  @Override
  public void groupNormBackward(
      GroupNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer savedMean,
      Buffer savedInvStd,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dgamma,
      Buffer dbeta,
      float weightsBeta) {
    context.check(
        Kernels.groupNormBackward(
            context.handle(),
            context.spec(spec),
            address(x),
            address(gamma),
            address(savedMean),
            address(savedInvStd),
            address(dy),
            address(dx),
            dxBeta,
            address(dgamma),
            address(dbeta),
            weightsBeta));
  }

  @Override
  public void softmax(SoftmaxSpec spec, Buffer x, Buffer y) {
    context.check(Kernels.softmax(context.handle(), context.spec(spec), address(x), address(y)));
  }

  @Override
  public void softmaxBackward(SoftmaxSpec spec, Buffer y, Buffer dy, Buffer dx, float beta) {
    context.check(
        Kernels.softmaxBackward(
            context.handle(), context.spec(spec), address(y), address(dy), address(dx), beta));
  }

  @Override
  public void dropout(DropoutSpec spec, Buffer x, Buffer y) {
    dropout(spec, x, y, 0);
  }

  @Override
  public void dropoutBackward(DropoutSpec spec, Buffer dy, Buffer dx, float beta) {
    dropout(spec, dy, dx, beta);
  }

  /** The gradient of dropout is dropout of the gradient. */
  private void dropout(DropoutSpec spec, Buffer x, Buffer y, float beta) {
    context.check(
        Kernels.dropout(
            context.handle(),
            spec.n(),
            spec.features(),
            spec.threshold(),
            spec.seed(),
            1 / (1 - spec.probability()),
            address(x),
            address(y),
            beta));
  }

  @Override
  public void copyChannels(ChannelCopySpec spec, Buffer x, Buffer y, float beta) {
    context.check(
        Kernels.copyChannels(context.handle(), context.spec(spec), address(x), address(y), beta));
  }

  @Override
  public void scaleChannels(ChannelScaleSpec spec, Buffer x, Buffer s, Buffer y, float beta) {
    context.check(
        Kernels.scaleChannels(
            context.handle(), context.spec(spec), address(x), address(s), address(y), beta));
  }

  @Override
  public void dotChannels(ChannelScaleSpec spec, Buffer a, Buffer b, Buffer out, float beta) {
    context.check(
        Kernels.dotChannels(
            context.handle(), context.spec(spec), address(a), address(b), address(out), beta));
  }
}
