package gradus.backend.checked;

import static gradus.tensor.Placement.BATCH;
import static gradus.tensor.Placement.DENSE;

import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.backend.FusedOps;
import gradus.backend.MathOps;
import gradus.backend.Memory;
import gradus.backend.NnOps;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.tensor.DType;
import gradus.tensor.Shape;

/** Fused ops with their arguments checked. {@code dy} counts as a destination: it may be spoilt. */
final class CheckedFusedOps implements FusedOps {
  private final FusedOps inner;
  private final Backend backend;
  private final Checks checks;

  CheckedFusedOps(FusedOps inner, Backend backend, Checks checks) {
    this.inner = inner;
    this.backend = backend;
    this.checks = checks;
  }

  @Override
  public NnOps nn() {
    return backend.nn();
  }

  @Override
  public MathOps math() {
    return backend.math();
  }

  @Override
  public Memory memory() {
    return backend.memory();
  }

  @Override
  public void conv2dBackward(
      Conv2dSpec spec,
      Buffer x,
      Buffer w,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dw,
      Buffer db,
      float weightsBeta) {
    OpCheck check = checks.of("conv2dBackward");
    Buffer in = check.readActivations("x", x, spec.inputShape(), x);
    Buffer weights = check.read("w", w, spec.weightShape(), DENSE);
    Buffer from = check.writeActivations("dy", dy, spec.outputShape(), dy);
    Buffer to = check.writeOptionalActivations("dx", dx, spec.inputShape(), dx);
    Buffer weightGradient = check.writeOptional("dw", dw, spec.weightShape(), DENSE);
    Buffer biasGradient = check.writeOptional("db", db, Shape.of(spec.k()), DENSE);
    requireBetas(check, dxBeta, weightsBeta);
    check.noAliasing();
    inner.conv2dBackward(
        spec, in, weights, from, to, dxBeta, weightGradient, biasGradient, weightsBeta);
  }

  @Override
  public void conv2dRelu(Conv2dSpec spec, Buffer x, Buffer w, Buffer b, Buffer y) {
    OpCheck check = checks.of("conv2dRelu");
    Buffer in = check.readActivations("x", x, spec.inputShape(), x);
    Buffer weights = check.read("w", w, spec.weightShape(), DENSE);
    Buffer bias = check.readOptional("b", b, Shape.of(spec.k()), DENSE);
    Buffer out = check.write("y", y, spec.outputShape(), BATCH);
    check.noAliasing();
    inner.conv2dRelu(spec, in, weights, bias, out);
  }

  @Override
  public void conv2dAddRelu(
      Conv2dSpec spec, Buffer x, Buffer w, Buffer b, Buffer residual, Buffer y) {
    OpCheck check = checks.of("conv2dAddRelu");
    Buffer in = check.readActivations("x", x, spec.inputShape(), x);
    Buffer weights = check.read("w", w, spec.weightShape(), DENSE);
    Buffer bias = check.readOptional("b", b, Shape.of(spec.k()), DENSE);
    Buffer added = check.readOptional("residual", residual, spec.outputShape(), BATCH);
    Buffer out = check.write("y", y, spec.outputShape(), BATCH);
    check.noAliasing();
    inner.conv2dAddRelu(spec, in, weights, bias, added, out);
  }

  @Override
  public void conv2dReluBackward(
      Conv2dSpec spec,
      Buffer x,
      Buffer w,
      Buffer y,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dw,
      Buffer db,
      float weightsBeta) {
    OpCheck check = checks.of("conv2dReluBackward");
    Buffer in = check.readActivations("x", x, spec.inputShape(), x);
    Buffer weights = check.read("w", w, spec.weightShape(), DENSE);
    Buffer out = check.read("y", y, spec.outputShape(), BATCH);
    Buffer from = check.write("dy", dy, spec.outputShape(), BATCH);
    Buffer to = check.writeOptionalActivations("dx", dx, spec.inputShape(), dx);
    Buffer weightGradient = check.writeOptional("dw", dw, spec.weightShape(), DENSE);
    Buffer biasGradient = check.writeOptional("db", db, Shape.of(spec.k()), DENSE);
    requireBetas(check, dxBeta, weightsBeta);
    check.noAliasing();
    inner.conv2dReluBackward(
        spec, in, weights, out, from, to, dxBeta, weightGradient, biasGradient, weightsBeta);
  }

  @Override
  public long conv2dReluMaxPoolWorkspaceBytes(Conv2dSpec conv, PoolSpec pool) {
    return inner.conv2dReluMaxPoolWorkspaceBytes(conv, pool);
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
    OpCheck check = checks.of("conv2dReluMaxPool");
    requireChain(check, conv, pool);
    Buffer in = check.read("x", x, conv.inputShape(), BATCH);
    Buffer weights = check.read("w", w, conv.weightShape(), DENSE);
    Buffer bias = check.readOptional("b", b, Shape.of(conv.k()), DENSE);
    Buffer out = check.write("y", y, pool.outputShape(), BATCH);
    Buffer places =
        index == null ? null : check.write("index", index, pool.outputShape(), DType.U8, BATCH);
    Buffer scratch = workspace(check, conv, pool, workspace);
    check.noAliasing();
    inner.conv2dReluMaxPool(conv, pool, in, weights, bias, out, places, scratch);
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
    OpCheck check = checks.of("conv2dReluMaxPoolBackward");
    requireChain(check, conv, pool);
    Buffer in = check.read("x", x, conv.inputShape(), BATCH);
    Buffer weights = check.read("w", w, conv.weightShape(), DENSE);
    Buffer out = check.read("y", y, pool.outputShape(), BATCH);
    Buffer places = check.read("index", index, pool.outputShape(), DType.U8, BATCH);
    Buffer from = check.write("dy", dy, pool.outputShape(), BATCH);
    Buffer to = check.writeOptional("dx", dx, conv.inputShape(), BATCH);
    Buffer weightGradient = check.writeOptional("dw", dw, conv.weightShape(), DENSE);
    Buffer biasGradient = check.writeOptional("db", db, Shape.of(conv.k()), DENSE);
    Buffer scratch = workspace(check, conv, pool, workspace);
    requireBetas(check, dxBeta, weightsBeta);
    check.noAliasing();
    inner.conv2dReluMaxPoolBackward(
        conv,
        pool,
        in,
        weights,
        out,
        places,
        from,
        to,
        dxBeta,
        weightGradient,
        biasGradient,
        weightsBeta,
        scratch);
  }

  private Buffer workspace(OpCheck check, Conv2dSpec conv, PoolSpec pool, Buffer workspace) {
    long bytes = inner.conv2dReluMaxPoolWorkspaceBytes(conv, pool);
    check.require(
        (workspace == null) == (bytes == 0),
        "the workspace is "
            + (workspace == null ? "missing" : "there")
            + ", but the backend asks for "
            + bytes
            + " bytes");
    return workspace == null ? null : check.writeBytes("workspace", workspace, bytes);
  }

  private static void requireChain(OpCheck check, Conv2dSpec conv, PoolSpec pool) {
    check.require(
        conv.outputShape().equals(pool.inputShape()),
        "the convolution gives "
            + conv.outputShape()
            + ", but the pool takes "
            + pool.inputShape());
  }

  @Override
  public void linearBackward(
      LinearSpec spec,
      Buffer x,
      Buffer w,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dw,
      Buffer db,
      float weightsBeta) {
    OpCheck check = checks.of("linearBackward");
    Buffer in = check.read("x", x, spec.inputShape(), BATCH);
    Buffer weights = check.read("w", w, spec.weightShape(), DENSE);
    Buffer from = check.write("dy", dy, spec.outputShape(), BATCH);
    Buffer to = check.writeOptional("dx", dx, spec.inputShape(), BATCH);
    Buffer weightGradient = check.writeOptional("dw", dw, spec.weightShape(), DENSE);
    Buffer biasGradient = check.writeOptional("db", db, Shape.of(spec.out()), DENSE);
    requireBetas(check, dxBeta, weightsBeta);
    check.noAliasing();
    inner.linearBackward(
        spec, in, weights, from, to, dxBeta, weightGradient, biasGradient, weightsBeta);
  }

  @Override
  public void linearRelu(LinearSpec spec, Buffer x, Buffer w, Buffer b, Buffer y) {
    OpCheck check = checks.of("linearRelu");
    Buffer in = check.read("x", x, spec.inputShape(), BATCH);
    Buffer weights = check.read("w", w, spec.weightShape(), DENSE);
    Buffer bias = check.readOptional("b", b, Shape.of(spec.out()), DENSE);
    Buffer out = check.write("y", y, spec.outputShape(), BATCH);
    check.noAliasing();
    inner.linearRelu(spec, in, weights, bias, out);
  }

  @Override
  public void linearReluBackward(
      LinearSpec spec,
      Buffer x,
      Buffer w,
      Buffer y,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dw,
      Buffer db,
      float weightsBeta) {
    OpCheck check = checks.of("linearReluBackward");
    Buffer in = check.read("x", x, spec.inputShape(), BATCH);
    Buffer weights = check.read("w", w, spec.weightShape(), DENSE);
    Buffer out = check.read("y", y, spec.outputShape(), BATCH);
    Buffer from = check.write("dy", dy, spec.outputShape(), BATCH);
    Buffer to = check.writeOptional("dx", dx, spec.inputShape(), BATCH);
    Buffer weightGradient = check.writeOptional("dw", dw, spec.weightShape(), DENSE);
    Buffer biasGradient = check.writeOptional("db", db, Shape.of(spec.out()), DENSE);
    requireBetas(check, dxBeta, weightsBeta);
    check.noAliasing();
    inner.linearReluBackward(
        spec, in, weights, out, from, to, dxBeta, weightGradient, biasGradient, weightsBeta);
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
    OpCheck check = checks.of("batchNormTrainingRelu");
    Shape perChannel = Shape.of(spec.c());
    Buffer in = check.readActivations("x", x, spec.shape(), x);
    Buffer scale = check.read("gamma", gamma, perChannel, DENSE);
    Buffer shift = check.read("beta", beta, perChannel, DENSE);
    Buffer mean = check.write("runningMean", runningMean, perChannel, DENSE);
    Buffer variance = check.write("runningVar", runningVar, perChannel, DENSE);
    Buffer added =
        residual == null ? null : check.readActivations("residual", residual, spec.shape(), x);
    Buffer out = check.writeActivations("y", y, spec.shape(), x);
    Buffer batchMean = check.write("savedMean", savedMean, perChannel, DENSE);
    Buffer batchInvStd = check.write("savedInvStd", savedInvStd, perChannel, DENSE);
    check.noAliasing();
    inner.batchNormTrainingRelu(
        spec, in, scale, shift, mean, variance, added, out, batchMean, batchInvStd);
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
    OpCheck check = checks.of("batchNormInferenceRelu");
    Shape perChannel = Shape.of(spec.c());
    Buffer in = check.readActivations("x", x, spec.shape(), x);
    Buffer scale = check.read("gamma", gamma, perChannel, DENSE);
    Buffer shift = check.read("beta", beta, perChannel, DENSE);
    Buffer mean = check.read("runningMean", runningMean, perChannel, DENSE);
    Buffer variance = check.read("runningVar", runningVar, perChannel, DENSE);
    Buffer added =
        residual == null ? null : check.readActivations("residual", residual, spec.shape(), x);
    Buffer out = check.writeActivations("y", y, spec.shape(), x);
    check.noAliasing();
    inner.batchNormInferenceRelu(spec, in, scale, shift, mean, variance, added, out);
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
    OpCheck check =
        checks
            .of("batchNormReluBackward")
            .allowSame("dx", "dy")
            .allowSame("dResidual", "dy")
            .allowSame("dx", "dResidual");
    Shape perChannel = Shape.of(spec.c());
    Buffer in = check.readActivations("x", x, spec.shape(), x);
    Buffer out = check.readActivations("y", y, spec.shape(), x);
    Buffer scale = check.read("gamma", gamma, perChannel, DENSE);
    Buffer offset = check.readOptional("beta", beta, perChannel, DENSE);
    Buffer mean = check.read("savedMean", savedMean, perChannel, DENSE);
    Buffer invStd = check.read("savedInvStd", savedInvStd, perChannel, DENSE);
    Buffer from = check.writeActivations("dy", dy, spec.shape(), dy);
    Buffer to = check.writeOptionalActivations("dx", dx, spec.shape(), dx);
    Buffer toResidual =
        check.writeOptionalActivations("dResidual", dResidual, spec.shape(), dResidual);
    check.requireRoundedTogether(x, dy, dx, dResidual);
    Buffer scaleGradient = check.write("dgamma", dgamma, perChannel, DENSE);
    Buffer shiftGradient = check.write("dbeta", dbeta, perChannel, DENSE);
    requireBetas(check, dxBeta, weightsBeta);
    check.beta("dResidualBeta", dResidualBeta);
    check.noAliasing();
    inner.batchNormReluBackward(
        spec,
        in,
        out,
        scale,
        offset,
        mean,
        invStd,
        from,
        to,
        dxBeta,
        toResidual,
        dResidualBeta,
        scaleGradient,
        shiftGradient,
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
    OpCheck check =
        checks
            .of("batchNormInferenceReluBackward")
            .allowSame("dx", "dy")
            .allowSame("dResidual", "dy")
            .allowSame("dx", "dResidual");
    Shape perChannel = Shape.of(spec.c());
    Buffer out = check.readActivations("y", y, spec.shape(), y);
    Buffer scale = check.read("gamma", gamma, perChannel, DENSE);
    Buffer variance = check.read("runningVar", runningVar, perChannel, DENSE);
    Buffer from = check.writeActivations("dy", dy, spec.shape(), dy);
    Buffer to = check.writeOptionalActivations("dx", dx, spec.shape(), dx);
    Buffer toResidual =
        check.writeOptionalActivations("dResidual", dResidual, spec.shape(), dResidual);
    check.requireRoundedTogether(y, dy, dx, dResidual);
    check.beta("dxBeta", dxBeta);
    check.beta("dResidualBeta", dResidualBeta);
    check.noAliasing();
    inner.batchNormInferenceReluBackward(
        spec, out, scale, variance, from, to, dxBeta, toResidual, dResidualBeta);
  }

  @Override
  public void addRelu(Buffer a, Buffer b, Buffer y) {
    OpCheck check = checks.of("addRelu").allowSame("a", "y").allowSame("b", "y");
    Buffer left = check.readBytes("a", a, y.bytes());
    Buffer right = b == null ? null : check.readBytes("b", b, y.bytes());
    Buffer to = check.writeBytes("y", y, y.bytes());
    check.noAliasing();
    inner.addRelu(left, right, to);
  }

  @Override
  public void accumulate(Buffer x, Buffer y, float beta) {
    OpCheck check = checks.of("accumulate");
    Buffer from = check.readBytes("x", x, y.bytes());
    Buffer to = check.writeBytes("y", y, y.bytes());
    check.noAliasing();
    inner.accumulate(from, to, check.beta("beta", beta));
  }

  private static void requireBetas(OpCheck check, float dxBeta, float weightsBeta) {
    check.beta("dxBeta", dxBeta);
    check.beta("weightsBeta", weightsBeta);
  }
}
