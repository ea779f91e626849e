package gradus.backend.cpu;

import static gradus.backend.cpu.CpuBuffer.address;
import static gradus.backend.cpu.CpuBuffer.packed;

import gradus.backend.Buffer;
import gradus.backend.FusedOps;
import gradus.backend.MathOps;
import gradus.backend.Memory;
import gradus.backend.NnOps;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.kernels.Kernels;

/** Fused ops: one kernel each, so that a tensor passes through the caches once. */
final class CpuFusedOps implements FusedOps {
  private final CpuContext context;
  private final Memory memory;
  private final MathOps math;
  private final NnOps nn;

  CpuFusedOps(CpuContext context, Memory memory, MathOps math, NnOps nn) {
    this.context = context;
    this.memory = memory;
    this.math = math;
    this.nn = nn;
  }

  @Override
  public NnOps nn() {
    return nn;
  }

  @Override
  public MathOps math() {
    return math;
  }

  @Override
  public Memory memory() {
    return memory;
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
    conv2dReluBackward(spec, x, w, null, dy, dx, dxBeta, dw, db, weightsBeta);
  }

  @Override
  public void conv2dRelu(Conv2dSpec spec, Buffer x, Buffer w, Buffer b, Buffer y) {
    conv2dAddRelu(spec, x, w, b, null, y);
  }

  @Override
  public void conv2dAddRelu(
      Conv2dSpec spec, Buffer x, Buffer w, Buffer b, Buffer residual, Buffer y) {
    context.prepareProducts(spec.n());
    context.check(
        Kernels.conv2d(
            context.handle(),
            context.spec(spec),
            address(x),
            packed(x),
            address(w),
            address(b),
            address(residual),
            1,
            address(y),
            packed(y)));
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
    context.prepareProducts(spec.n());
    context.check(
        Kernels.conv2dBackward(
            context.handle(),
            context.spec(spec),
            address(x),
            packed(x),
            address(w),
            address(y),
            address(dy),
            packed(dy),
            address(dx),
            packed(dx),
            dxBeta,
            address(dw),
            address(db),
            weightsBeta));
  }

  @Override
  public long conv2dReluMaxPoolWorkspaceBytes(Conv2dSpec conv, PoolSpec pool) {
    return fusesMaxPool(conv, pool)
        ? 0
        : FusedOps.super.conv2dReluMaxPoolWorkspaceBytes(conv, pool);
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
    if (!fusesMaxPool(conv, pool)) {
      FusedOps.super.conv2dReluMaxPool(conv, pool, x, w, b, y, index, workspace);
      return;
    }
    context.check(
        Kernels.conv2dReluMaxPool(
            context.handle(),
            context.specBeside(conv, pool),
            context.spec(pool),
            address(x),
            address(w),
            address(b),
            address(y),
            address(index)));
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
    if (!fusesMaxPool(conv, pool)) {
      FusedOps.super.conv2dReluMaxPoolBackward(
          conv, pool, x, w, y, index, dy, dx, dxBeta, dw, db, weightsBeta, workspace);
      return;
    }
    context.check(
        Kernels.conv2dReluMaxPoolBackward(
            context.handle(),
            context.specBeside(conv, pool),
            context.spec(pool),
            address(x),
            address(w),
            address(y),
            address(index),
            address(dy),
            address(dx),
            dxBeta,
            address(dw),
            address(db),
            weightsBeta));
  }

  private boolean fusesMaxPool(Conv2dSpec conv, PoolSpec pool) {
    return Kernels.fusesMaxPool(
            context.handle(), context.specBeside(conv, pool), context.spec(pool))
        != 0;
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
    linearReluBackward(spec, x, w, null, dy, dx, dxBeta, dw, db, weightsBeta);
  }

  @Override
  public void linearRelu(LinearSpec spec, Buffer x, Buffer w, Buffer b, Buffer y) {
    context.prepareProducts(spec.n());
    context.check(
        Kernels.linear(
            context.handle(),
            context.spec(spec),
            address(x),
            address(w),
            address(b),
            1,
            address(y)));
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
    context.prepareProducts(spec.n());
    context.check(
        Kernels.linearBackward(
            context.handle(),
            context.spec(spec),
            address(x),
            address(w),
            address(y),
            address(dy),
            address(dx),
            dxBeta,
            address(dw),
            address(db),
            weightsBeta));
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
    context.check(
        Kernels.batchNormTraining(
            context.handle(),
            context.spec(spec),
            address(x),
            address(gamma),
            address(beta),
            address(runningMean),
            address(runningVar),
            address(residual),
            1,
            packed(x),
            address(y),
            address(savedMean),
            address(savedInvStd)));
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
    context.check(
        Kernels.batchNormInference(
            context.handle(),
            context.spec(spec),
            address(x),
            address(gamma),
            address(beta),
            address(runningMean),
            address(runningVar),
            address(residual),
            1,
            packed(x),
            address(y)));
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
    context.check(
        Kernels.batchNormBackward(
            context.handle(),
            context.spec(spec),
            address(x),
            address(y),
            packed(x),
            address(gamma),
            address(beta),
            address(savedMean),
            address(savedInvStd),
            address(dy),
            packed(dy),
            address(dx),
            dxBeta,
            address(dResidual),
            dResidualBeta,
            packed(dx) | packed(dResidual),
            address(dgamma),
            address(dbeta),
            weightsBeta));
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
    context.check(
        Kernels.batchNormInferenceBackward(
            context.handle(),
            context.spec(spec),
            address(y),
            packed(y),
            address(gamma),
            address(runningVar),
            address(dy),
            packed(dy),
            address(dx),
            dxBeta,
            address(dResidual),
            dResidualBeta,
            packed(dx) | packed(dResidual)));
  }

  @Override
  public void addRelu(Buffer a, Buffer b, Buffer y) {
    if (b == null) {
      FusedOps.super.addRelu(a, null, y);
      return;
    }
    context.check(
        Kernels.addRelu(context.handle(), address(a), address(b), address(y), y.elements()));
  }
}
