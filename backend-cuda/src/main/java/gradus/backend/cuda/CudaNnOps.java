package gradus.backend.cuda;

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

/** Convolution by cuDNN, linear layers by cuBLAS, the others by own kernels. */
final class CudaNnOps implements NnOps {
  private final CudaContext context;
  private final CudnnConvolution convolution;
  private final CublasLinear linear;
  private final Bias bias;
  private final CudaBatchNorm batchNorm;
  private final CudaGroupNorm groupNorm;

  CudaNnOps(CudaContext context, Bias bias, CudaBatchNorm batchNorm) {
    this.context = context;
    this.bias = bias;
    this.batchNorm = batchNorm;
    convolution = new CudnnConvolution(context);
    linear = new CublasLinear(context);
    groupNorm = new CudaGroupNorm(context);
  }

  @Override
  public void conv2d(Conv2dSpec spec, Buffer x, Buffer w, Buffer b, Buffer y) {
    convolution.forward(spec, x, w, y);
    bias.add(b, y, spec.k(), spec.outH() * spec.outW());
  }

  @Override
  public void conv2dBackwardData(Conv2dSpec spec, Buffer w, Buffer dy, Buffer dx, float beta) {
    convolution.backwardData(spec, w, dy, dx, beta);
  }

  @Override
  public void conv2dBackwardWeights(
      Conv2dSpec spec, Buffer x, Buffer dy, Buffer dw, Buffer db, float beta) {
    convolution.backwardWeights(spec, x, dy, dw, beta);
    bias.backward(dy, db, spec.n(), spec.k(), spec.outH() * spec.outW(), beta);
  }

  @Override
  public void linear(LinearSpec spec, Buffer x, Buffer w, Buffer b, Buffer y) {
    linear.forward(spec, x, w, y);
    bias.add(b, y, spec.out(), 1);
  }

  @Override
  public void linearBackwardData(LinearSpec spec, Buffer w, Buffer dy, Buffer dx, float beta) {
    linear.backwardData(spec, w, dy, dx, beta);
  }

  @Override
  public void linearBackwardWeights(
      LinearSpec spec, Buffer x, Buffer dy, Buffer dw, Buffer db, float beta) {
    linear.backwardWeights(spec, x, dy, dw, beta);
    bias.backward(dy, db, spec.n(), spec.out(), 1, beta);
  }

  private Launch pool(Launch launch, PoolSpec s) {
    return launch.struct(
        s.n(),
        s.c(),
        s.h(),
        s.w(),
        s.kernelH(),
        s.kernelW(),
        s.strideH(),
        s.strideW(),
        s.padH(),
        s.padW(),
        s.countPadding() ? 1 : 0,
        context.channelsLast() ? 1 : 0);
  }

  @Override
  public void maxPool(PoolSpec spec, Buffer x, Buffer y, Buffer index) {
    maxPool(spec, x, null, false, y, index);
  }

  /** y = maxPool(x + b), through ReLU if asked; b may be null. */
  void maxPool(PoolSpec spec, Buffer x, Buffer b, boolean relu, Buffer y, Buffer index) {
    pool(context.launch(Kernel.MAX_POOL), spec)
        .values(x)
        .with(b)
        .with(relu ? 1 : 0)
        .values(y)
        .with(index)
        .over(y.elements());
  }

  @Override
  public void maxPoolBackward(PoolSpec spec, Buffer dy, Buffer index, Buffer dx, float beta) {
    maxPoolReluBackward(spec, dy, null, index, dx, beta);
  }

  /** Nothing flows where y, unless null, is not above 0. */
  void maxPoolReluBackward(
      PoolSpec spec, Buffer dy, Buffer y, Buffer index, Buffer dx, float beta) {
    pool(context.launch(Kernel.MAX_POOL_BACKWARD), spec)
        .values(dy)
        .values(y)
        .with(index)
        .values(dx)
        .with(beta)
        .over(dx.elements());
  }

  @Override
  public void avgPool(PoolSpec spec, Buffer x, Buffer y) {
    pool(context.launch(Kernel.AVG_POOL), spec).with(x).with(y).over(y.elements());
  }

  @Override
  public void avgPoolBackward(PoolSpec spec, Buffer dy, Buffer dx, float beta) {
    pool(context.launch(Kernel.AVG_POOL_BACKWARD), spec)
        .with(dy)
        .with(dx)
        .with(beta)
        .over(dx.elements());
  }

  private Launch pool(Launch launch, AdaptivePoolSpec s) {
    return launch.struct(
        s.n(), s.c(), s.h(), s.w(), s.outH(), s.outW(), context.channelsLast() ? 1 : 0);
  }

  @Override
  public void adaptiveAvgPool(AdaptivePoolSpec spec, Buffer x, Buffer y) {
    if (spec.outH() * spec.outW() == 1) {
      if (context.channelsLast()) {
        context
            .launch(Kernel.PLANE_MEANS_LAST)
            .with(x)
            .with(y)
            .with(spec.c())
            .with(spec.h() * spec.w())
            .tiles(spec.n(), spec.c());
        return;
      }
      context
          .launch(Kernel.PLANE_MEANS)
          .with(x)
          .with(y)
          .with(spec.h() * spec.w())
          .warpsOver((long) spec.n() * spec.c());
      return;
    }
    pool(context.launch(Kernel.ADAPTIVE_AVG_POOL), spec).with(x).with(y).over(y.elements());
  }

  @Override
  public void adaptiveAvgPoolBackward(AdaptivePoolSpec spec, Buffer dy, Buffer dx, float beta) {
    pool(context.launch(Kernel.ADAPTIVE_AVG_POOL_BACKWARD), spec)
        .with(dy)
        .with(dx)
        .with(beta)
        .over(dx.elements());
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
    batchNorm.training(
        spec, x, gamma, beta, runningMean, runningVar, null, false, y, savedMean, savedInvStd);
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
    batchNorm.inference(spec, x, gamma, beta, runningMean, runningVar, null, false, y);
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
    batchNorm.backward(
        spec,
        x,
        null,
        gamma,
        savedMean,
        savedInvStd,
        dy,
        dx,
        dxBeta,
        null,
        0,
        dgamma,
        dbeta,
        weightsBeta);
  }

  @Override
  public void batchNormInferenceBackward(
      BatchNormSpec spec, Buffer gamma, Buffer runningVar, Buffer dy, Buffer dx, float dxBeta) {
    batchNorm.inferenceBackward(spec, null, gamma, runningVar, dy, dx, dxBeta, null, 0);
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
    groupNorm.forward(spec, x, gamma, beta, y, savedMean, savedInvStd);
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
    groupNorm.backward(
        spec, x, gamma, savedMean, savedInvStd, dy, dx, dxBeta, dgamma, dbeta, weightsBeta);
  }

  @Override
  public void softmax(SoftmaxSpec spec, Buffer x, Buffer y) {
    if (context.neighbours(spec.pixels()) == 1) {
      context.launch(Kernel.SOFTMAX_ROWS).with(x).with(y).with(spec.c()).warpsOver(places(spec));
      return;
    }
    context
        .launch(Kernel.SOFTMAX)
        .with(x)
        .with(y)
        .with(spec.c())
        .with(spec.pixels())
        .over(places(spec));
  }

  @Override
  public void softmaxBackward(SoftmaxSpec spec, Buffer y, Buffer dy, Buffer dx, float beta) {
    if (context.neighbours(spec.pixels()) == 1) {
      context
          .launch(Kernel.SOFTMAX_ROWS_BACKWARD)
          .with(y)
          .with(dy)
          .with(dx)
          .with(beta)
          .with(spec.c())
          .warpsOver(places(spec));
      return;
    }
    context
        .launch(Kernel.SOFTMAX_BACKWARD)
        .with(y)
        .with(dy)
        .with(dx)
        .with(beta)
        .with(spec.c())
        .with(spec.pixels())
        .over(places(spec));
  }

  private static long places(SoftmaxSpec spec) {
    return (long) spec.n() * spec.pixels();
  }

  @Override
  public void dropout(DropoutSpec spec, Buffer x, Buffer y) {
    dropoutBackward(spec, x, y, 0); // a linear op that is its own transpose
  }

  @Override
  public void dropoutBackward(DropoutSpec spec, Buffer dy, Buffer dx, float beta) {
    context
        .launch(Kernel.DROPOUT)
        .images(new ImageLayout(spec.channels(), 1, spec.pixels(), context.channelsLast()))
        .with(dy)
        .with(dx)
        .with(spec.seed())
        .with(spec.threshold())
        .with((float) (1 / (1 - (double) spec.probability())))
        .with(beta)
        .over((long) spec.n() * spec.features());
  }

  @Override
  public void copyChannels(ChannelCopySpec s, Buffer x, Buffer y, float beta) {
    int pixels = context.neighbours(s.pixels());
    context
        .launch(Kernel.COPY_CHANNELS)
        .struct(
            s.n() * s.pixels() / pixels,
            pixels,
            s.channels(),
            s.fromChannels(),
            s.fromOffset(),
            s.toChannels(),
            s.toOffset())
        .with(x)
        .with(y)
        .with(beta)
        .over((long) s.n() * s.channels() * s.pixels());
  }

  @Override
  public void scaleChannels(ChannelScaleSpec spec, Buffer x, Buffer s, Buffer y, float beta) {
    context
        .launch(Kernel.SCALE_CHANNELS)
        .with(x)
        .with(s)
        .with(y)
        .with(spec.c())
        .with(spec.pixels())
        .with(context.channelsLast() ? 1 : 0)
        .with(beta)
        .over((long) spec.n() * spec.c() * spec.pixels());
  }

  @Override
  public void dotChannels(ChannelScaleSpec spec, Buffer a, Buffer b, Buffer out, float beta) {
    if (context.channelsLast()) {
      context
          .launch(Kernel.DOT_CHANNELS_LAST)
          .with(a)
          .with(b)
          .with(out)
          .with(spec.c())
          .with(spec.pixels())
          .with(beta)
          .tiles(spec.n(), spec.c());
      return;
    }
    context
        .launch(Kernel.DOT_CHANNELS)
        .with(a)
        .with(b)
        .with(out)
        .with(spec.pixels())
        .with(beta)
        .warpsOver((long) spec.n() * spec.c());
  }
}
