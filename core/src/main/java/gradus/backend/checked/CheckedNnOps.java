package gradus.backend.checked;

import static gradus.tensor.Placement.BATCH;
import static gradus.tensor.Placement.DENSE;

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
import gradus.tensor.DType;
import gradus.tensor.Shape;

/** The primitives of convolutional networks with their arguments checked. */
final class CheckedNnOps implements NnOps {
  private final NnOps inner;
  private final Checks checks;

  CheckedNnOps(NnOps inner, Checks checks) {
    this.inner = inner;
    this.checks = checks;
  }

  @Override
  public void conv2d(Conv2dSpec spec, Buffer x, Buffer w, Buffer b, Buffer y) {
    OpCheck check = checks.of("conv2d");
    Buffer in = check.readActivations("x", x, spec.inputShape(), x);
    Buffer weights = check.read("w", w, spec.weightShape(), DENSE);
    Buffer bias = check.readOptional("b", b, Shape.of(spec.k()), DENSE);
    Buffer out = check.writeActivations("y", y, spec.outputShape(), y);
    check.noAliasing();
    inner.conv2d(spec, in, weights, bias, out);
  }

  @Override
  public void conv2dBackwardData(Conv2dSpec spec, Buffer w, Buffer dy, Buffer dx, float beta) {
    OpCheck check = checks.of("conv2dBackwardData");
    Buffer weights = check.read("w", w, spec.weightShape(), DENSE);
    Buffer from = check.readActivations("dy", dy, spec.outputShape(), dy);
    Buffer to = check.writeActivations("dx", dx, spec.inputShape(), dx);
    check.noAliasing();
    inner.conv2dBackwardData(spec, weights, from, to, check.beta("beta", beta));
  }

  @Override
  public void conv2dBackwardWeights(
      Conv2dSpec spec, Buffer x, Buffer dy, Buffer dw, Buffer db, float beta) {
    OpCheck check = checks.of("conv2dBackwardWeights");
    Buffer in = check.readActivations("x", x, spec.inputShape(), x);
    Buffer from = check.readActivations("dy", dy, spec.outputShape(), dy);
    Buffer weights = check.write("dw", dw, spec.weightShape(), DENSE);
    Buffer bias = check.writeOptional("db", db, Shape.of(spec.k()), DENSE);
    check.noAliasing();
    inner.conv2dBackwardWeights(spec, in, from, weights, bias, check.beta("beta", beta));
  }

  @Override
  public void linear(LinearSpec spec, Buffer x, Buffer w, Buffer b, Buffer y) {
    OpCheck check = checks.of("linear");
    Buffer in = check.read("x", x, spec.inputShape(), BATCH);
    Buffer weights = check.read("w", w, spec.weightShape(), DENSE);
    Buffer bias = check.readOptional("b", b, Shape.of(spec.out()), DENSE);
    Buffer out = check.write("y", y, spec.outputShape(), BATCH);
    check.noAliasing();
    inner.linear(spec, in, weights, bias, out);
  }

  @Override
  public void linearBackwardData(LinearSpec spec, Buffer w, Buffer dy, Buffer dx, float beta) {
    OpCheck check = checks.of("linearBackwardData");
    Buffer weights = check.read("w", w, spec.weightShape(), DENSE);
    Buffer from = check.read("dy", dy, spec.outputShape(), BATCH);
    Buffer to = check.write("dx", dx, spec.inputShape(), BATCH);
    check.noAliasing();
    inner.linearBackwardData(spec, weights, from, to, check.beta("beta", beta));
  }

  @Override
  public void linearBackwardWeights(
      LinearSpec spec, Buffer x, Buffer dy, Buffer dw, Buffer db, float beta) {
    OpCheck check = checks.of("linearBackwardWeights");
    Buffer in = check.read("x", x, spec.inputShape(), BATCH);
    Buffer from = check.read("dy", dy, spec.outputShape(), BATCH);
    Buffer weights = check.write("dw", dw, spec.weightShape(), DENSE);
    Buffer bias = check.writeOptional("db", db, Shape.of(spec.out()), DENSE);
    check.noAliasing();
    inner.linearBackwardWeights(spec, in, from, weights, bias, check.beta("beta", beta));
  }

  @Override
  public void maxPool(PoolSpec spec, Buffer x, Buffer y, Buffer index) {
    OpCheck check = checks.of("maxPool");
    Buffer in = check.readActivations("x", x, spec.inputShape(), x);
    Buffer out = check.writeActivations("y", y, spec.outputShape(), x);
    Buffer places =
        index == null ? null : check.write("index", index, spec.outputShape(), DType.U8, BATCH);
    check.noAliasing();
    inner.maxPool(spec, in, out, places);
  }

  @Override
  public void maxPoolBackward(PoolSpec spec, Buffer dy, Buffer index, Buffer dx, float beta) {
    OpCheck check = checks.of("maxPoolBackward");
    Buffer from = check.readActivations("dy", dy, spec.outputShape(), dy);
    Buffer places = check.read("index", index, spec.outputShape(), DType.U8, BATCH);
    Buffer to = check.writeActivations("dx", dx, spec.inputShape(), dx);
    check.noAliasing();
    inner.maxPoolBackward(spec, from, places, to, check.beta("beta", beta));
  }

  @Override
  public void avgPool(PoolSpec spec, Buffer x, Buffer y) {
    OpCheck check = checks.of("avgPool");
    Buffer in = check.read("x", x, spec.inputShape(), BATCH);
    Buffer out = check.write("y", y, spec.outputShape(), BATCH);
    check.noAliasing();
    inner.avgPool(spec, in, out);
  }

  @Override
  public void avgPoolBackward(PoolSpec spec, Buffer dy, Buffer dx, float beta) {
    OpCheck check = checks.of("avgPoolBackward");
    Buffer from = check.read("dy", dy, spec.outputShape(), BATCH);
    Buffer to = check.write("dx", dx, spec.inputShape(), BATCH);
    check.noAliasing();
    inner.avgPoolBackward(spec, from, to, check.beta("beta", beta));
  }

  @Override
  public void adaptiveAvgPool(AdaptivePoolSpec spec, Buffer x, Buffer y) {
    OpCheck check = checks.of("adaptiveAvgPool");
    Buffer in = check.read("x", x, spec.inputShape(), BATCH);
    Buffer out = check.write("y", y, spec.outputShape(), BATCH);
    check.noAliasing();
    inner.adaptiveAvgPool(spec, in, out);
  }

  @Override
  public void adaptiveAvgPoolBackward(AdaptivePoolSpec spec, Buffer dy, Buffer dx, float beta) {
    OpCheck check = checks.of("adaptiveAvgPoolBackward");
    Buffer from = check.read("dy", dy, spec.outputShape(), BATCH);
    Buffer to = check.write("dx", dx, spec.inputShape(), BATCH);
    check.noAliasing();
    inner.adaptiveAvgPoolBackward(spec, from, to, check.beta("beta", beta));
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
    OpCheck check = checks.of("batchNormTraining");
    Shape perChannel = Shape.of(spec.c());
    Buffer in = check.readActivations("x", x, spec.shape(), x);
    Buffer scale = check.read("gamma", gamma, perChannel, DENSE);
    Buffer shift = check.read("beta", beta, perChannel, DENSE);
    Buffer mean = check.write("runningMean", runningMean, perChannel, DENSE);
    Buffer variance = check.write("runningVar", runningVar, perChannel, DENSE);
    Buffer out = check.writeActivations("y", y, spec.shape(), x);
    Buffer batchMean = check.write("savedMean", savedMean, perChannel, DENSE);
    Buffer batchInvStd = check.write("savedInvStd", savedInvStd, perChannel, DENSE);
    check.noAliasing();
    inner.batchNormTraining(spec, in, scale, shift, mean, variance, out, batchMean, batchInvStd);
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
    OpCheck check = checks.of("batchNormInference");
    Shape perChannel = Shape.of(spec.c());
    Buffer in = check.readActivations("x", x, spec.shape(), x);
    Buffer scale = check.read("gamma", gamma, perChannel, DENSE);
    Buffer shift = check.read("beta", beta, perChannel, DENSE);
    Buffer mean = check.read("runningMean", runningMean, perChannel, DENSE);
    Buffer variance = check.read("runningVar", runningVar, perChannel, DENSE);
    Buffer out = check.writeActivations("y", y, spec.shape(), x);
    check.noAliasing();
    inner.batchNormInference(spec, in, scale, shift, mean, variance, out);
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
    OpCheck check = checks.of("batchNormBackward").allowSame("dx", "dy");
    Shape perChannel = Shape.of(spec.c());
    Buffer in = check.readActivations("x", x, spec.shape(), x);
    Buffer scale = check.read("gamma", gamma, perChannel, DENSE);
    Buffer mean = check.read("savedMean", savedMean, perChannel, DENSE);
    Buffer invStd = check.read("savedInvStd", savedInvStd, perChannel, DENSE);
    Buffer from = check.readActivations("dy", dy, spec.shape(), dy);
    Buffer to = check.writeOptionalActivations("dx", dx, spec.shape(), dx);
    check.requireRoundedTogether(x, dy, dx, null);
    Buffer scaleGradient = check.write("dgamma", dgamma, perChannel, DENSE);
    Buffer shiftGradient = check.write("dbeta", dbeta, perChannel, DENSE);
    check.beta("dxBeta", dxBeta);
    check.beta("weightsBeta", weightsBeta);
    check.noAliasing();
    inner.batchNormBackward(
        spec, in, scale, mean, invStd, from, to, dxBeta, scaleGradient, shiftGradient, weightsBeta);
  }

  @Override
  public void batchNormInferenceBackward(
      BatchNormSpec spec, Buffer gamma, Buffer runningVar, Buffer dy, Buffer dx, float dxBeta) {
    OpCheck check = checks.of("batchNormInferenceBackward").allowSame("dx", "dy");
    Shape perChannel = Shape.of(spec.c());
    Buffer scale = check.read("gamma", gamma, perChannel, DENSE);
    Buffer variance = check.read("runningVar", runningVar, perChannel, DENSE);
    Buffer from = check.readActivations("dy", dy, spec.shape(), dy);
    Buffer to = check.writeActivations("dx", dx, spec.shape(), dx);
    check.requireRoundedTogether(dx, dy, dx, null);
    check.noAliasing();
    inner.batchNormInferenceBackward(spec, scale, variance, from, to, check.beta("dxBeta", dxBeta));
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
    OpCheck check = checks.of("groupNorm");
    Buffer in = check.read("x", x, spec.shape(), BATCH);
    Buffer scale = check.read("gamma", gamma, Shape.of(spec.c()), DENSE);
    Buffer shift = check.read("beta", beta, Shape.of(spec.c()), DENSE);
    Buffer out = check.write("y", y, spec.shape(), BATCH);
    Buffer mean = check.write("savedMean", savedMean, spec.statistics(), BATCH);
    Buffer invStd = check.write("savedInvStd", savedInvStd, spec.statistics(), BATCH);
    check.noAliasing();
    inner.groupNorm(spec, in, scale, shift, out, mean, invStd);
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
    OpCheck check = checks.of("groupNormBackward").allowSame("dx", "dy");
    Buffer in = check.read("x", x, spec.shape(), BATCH);
    Buffer scale = check.read("gamma", gamma, Shape.of(spec.c()), DENSE);
    Buffer mean = check.read("savedMean", savedMean, spec.statistics(), BATCH);
    Buffer invStd = check.read("savedInvStd", savedInvStd, spec.statistics(), BATCH);
    Buffer from = check.read("dy", dy, spec.shape(), BATCH);
    Buffer to = check.writeOptional("dx", dx, spec.shape(), BATCH);
    Buffer scaleGradient = check.writeOptional("dgamma", dgamma, Shape.of(spec.c()), DENSE);
    Buffer shiftGradient = check.writeOptional("dbeta", dbeta, Shape.of(spec.c()), DENSE);
    check.beta("dxBeta", dxBeta);
    check.beta("weightsBeta", weightsBeta);
    check.noAliasing();
    inner.groupNormBackward(
        spec, in, scale, mean, invStd, from, to, dxBeta, scaleGradient, shiftGradient, weightsBeta);
  }

  @Override
  public void softmax(SoftmaxSpec spec, Buffer x, Buffer y) {
    OpCheck check = checks.of("softmax");
    Buffer in = check.read("x", x, shape(spec), BATCH);
    Buffer out = check.write("y", y, shape(spec), BATCH);
    check.noAliasing();
    inner.softmax(spec, in, out);
  }

  @Override
  public void softmaxBackward(SoftmaxSpec spec, Buffer y, Buffer dy, Buffer dx, float beta) {
    OpCheck check = checks.of("softmaxBackward");
    Buffer out = check.read("y", y, shape(spec), BATCH);
    Buffer from = check.read("dy", dy, shape(spec), BATCH);
    Buffer to = check.write("dx", dx, shape(spec), BATCH);
    check.noAliasing();
    inner.softmaxBackward(spec, out, from, to, check.beta("beta", beta));
  }

  private static Shape shape(SoftmaxSpec spec) {
    return Shape.of(spec.n(), spec.c(), spec.pixels());
  }

  @Override
  public void dropout(DropoutSpec spec, Buffer x, Buffer y) {
    OpCheck check = checks.of("dropout").allowSame("x", "y");
    Buffer in = check.read("x", x, shape(spec), BATCH);
    Buffer out = check.write("y", y, shape(spec), BATCH);
    check.noAliasing();
    inner.dropout(spec, in, out);
  }

  @Override
  public void dropoutBackward(DropoutSpec spec, Buffer dy, Buffer dx, float beta) {
    OpCheck check = checks.of("dropoutBackward");
    Buffer from = check.read("dy", dy, shape(spec), BATCH);
    Buffer to = check.write("dx", dx, shape(spec), BATCH);
    check.noAliasing();
    inner.dropoutBackward(spec, from, to, check.beta("beta", beta));
  }

  private static Shape shape(DropoutSpec spec) {
    return Shape.of(spec.n(), spec.channels(), spec.pixels());
  }

  @Override
  public void copyChannels(ChannelCopySpec spec, Buffer x, Buffer y, float beta) {
    OpCheck check = checks.of("copyChannels");
    Shape from = Shape.of(spec.n(), spec.fromChannels(), spec.pixels());
    Shape to = Shape.of(spec.n(), spec.toChannels(), spec.pixels());
    Buffer in = check.read("x", x, from, BATCH);
    Buffer out = check.write("y", y, to, BATCH);
    check.noAliasing();
    inner.copyChannels(spec, in, out, check.beta("beta", beta));
  }

  @Override
  public void scaleChannels(ChannelScaleSpec spec, Buffer x, Buffer s, Buffer y, float beta) {
    OpCheck check = checks.of("scaleChannels");
    Shape images = Shape.of(spec.n(), spec.c(), spec.pixels());
    Buffer in = check.read("x", x, images, BATCH);
    Buffer factors = check.read("s", s, Shape.of(spec.n(), spec.c()), BATCH);
    Buffer out = check.write("y", y, images, BATCH);
    check.noAliasing();
    inner.scaleChannels(spec, in, factors, out, check.beta("beta", beta));
  }

  @Override
  public void dotChannels(ChannelScaleSpec spec, Buffer a, Buffer b, Buffer out, float beta) {
    OpCheck check = checks.of("dotChannels");
    Shape images = Shape.of(spec.n(), spec.c(), spec.pixels());
    Buffer left = check.read("a", a, images, BATCH);
    Buffer right = check.read("b", b, images, BATCH);
    Buffer sums = check.write("out", out, Shape.of(spec.n(), spec.c()), BATCH);
    check.noAliasing();
    inner.dotChannels(spec, left, right, sums, check.beta("beta", beta));
  }
}
