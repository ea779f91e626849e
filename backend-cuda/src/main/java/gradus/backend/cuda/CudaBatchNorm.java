package gradus.backend.cuda;

import gradus.backend.Buffer;
import gradus.backend.spec.BatchNormSpec;

/**
 * Batch normalisation with an optional residual and ReLU: statistics in two launches, then one that
 * does the rest.
 */
final class CudaBatchNorm {
  private static final int ELEMENTS_PER_SLICE = 8 * Launch.BLOCK; // of one channel
  private static final int ROWS_PER_SLICE = 128; // of several channels
  private static final int MOST_SLICES = 64;
  private static final int MOST_SLICES_OF_ROWS = Launch.BLOCK; // kMostSlices of batch_norm.cu

  private final CudaContext context;

  CudaBatchNorm(CudaContext context) {
    this.context = context;
  }

  /** Into how many slices the elements of a channel are divided: see {@link Launch#slices}. */
  static int slices(int elements, int neighbours) {
    int size = neighbours == 1 ? ROWS_PER_SLICE : ELEMENTS_PER_SLICE;
    long wanted = ((long) elements + size - 1) / size;
    return (int) Math.min(neighbours == 1 ? MOST_SLICES_OF_ROWS : MOST_SLICES, wanted);
  }

  /** {@code residual} may be null. */
  void training(
      BatchNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      Buffer residual,
      boolean relu,
      Buffer y,
      Buffer savedMean,
      Buffer savedInvStd) {
    int slices = slices(elements(spec), neighbours(spec));
    long meanRest = context.workspace((1L + 4L * slices) * Float.BYTES * spec.c()).address();
    long moments = meanRest + (long) Float.BYTES * spec.c();
    context
        .launch(Kernel.PARTIAL_MOMENTS)
        .values(x)
        .with(moments)
        .with(elements(spec))
        .with(spec.c())
        .with(neighbours(spec))
        .slices(spec.c(), neighbours(spec), slices);
    context
        .launch(Kernel.FINISH_MOMENTS)
        .with(moments)
        .with(slices)
        .with(spec.momentum())
        .with(spec.epsilon())
        .with(runningMean)
        .with(runningVar)
        .with(savedMean)
        .with(savedInvStd)
        .with(meanRest)
        .blocks(spec.c(), 1);
    normalize(
        spec,
        x,
        gamma,
        beta,
        CudaBuffer.address(savedMean),
        meanRest,
        CudaBuffer.address(savedInvStd),
        residual,
        relu,
        y);
  }

  /** {@code residual} may be null. */
  void inference(
      BatchNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      Buffer residual,
      boolean relu,
      Buffer y) {
    long invStd = context.workspace((long) Float.BYTES * spec.c()).address();
    context
        .launch(Kernel.INVERSE_DEVIATION)
        .with(runningVar)
        .with(spec.epsilon())
        .with(invStd)
        .over(spec.c());
    normalize(spec, x, gamma, beta, CudaBuffer.address(runningMean), 0, invStd, residual, relu, y);
  }

  private void normalize(
      BatchNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      long mean,
      long meanRest,
      long invStd,
      Buffer residual,
      boolean relu,
      Buffer y) {
    context
        .launch(Kernel.NORMALIZE)
        .values(x)
        .with(gamma)
        .with(beta)
        .with(mean)
        .with(meanRest)
        .with(invStd)
        .values(residual)
        .with(relu ? 1 : 0)
        .values(y)
        .with(spec.c())
        .with(neighbours(spec))
        .over(y.elements());
  }

  /** {@code y} is the output of the ReLU, or null without one; dx and dResidual may be null. */
  void backward(
      BatchNormSpec spec,
      Buffer x,
      Buffer y,
      Buffer gamma,
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
    int slices = slices(elements(spec), neighbours(spec));
    long sums = context.workspace(2L * Float.BYTES * spec.c() * (slices + 1L)).address();
    long partials = sums + 2L * Float.BYTES * spec.c();
    context
        .launch(Kernel.PARTIAL_NORMALIZE_SUMS)
        .values(x)
        .values(y)
        .with(savedMean)
        .with(savedInvStd)
        .values(dy)
        .with(partials)
        .with(elements(spec))
        .with(spec.c())
        .with(neighbours(spec))
        .slices(spec.c(), neighbours(spec), slices);
    context
        .launch(Kernel.FINISH_NORMALIZE_SUMS)
        .with(partials)
        .with(slices)
        .with(sums)
        .with(dbeta)
        .with(dgamma)
        .with(weightsBeta)
        .blocks(spec.c(), 1);
    if (dx == null && dResidual == null) {
      return;
    }
    context
        .launch(Kernel.NORMALIZE_BACKWARD)
        .values(x)
        .values(y)
        .with(gamma)
        .with(savedMean)
        .with(savedInvStd)
        .values(dy)
        .with(sums)
        .values(dx)
        .with(dxBeta)
        .values(dResidual)
        .with(dResidualBeta)
        .with(elements(spec))
        .with(spec.c())
        .with(neighbours(spec))
        .over(x.elements());
  }

  /** Of {@link #inference}; y, dx and dResidual as in {@link #backward}. */
  void inferenceBackward(
      BatchNormSpec spec,
      Buffer y,
      Buffer gamma,
      Buffer runningVar,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dResidual,
      float dResidualBeta) {
    context
        .launch(Kernel.NORMALIZE_FIXED_BACKWARD)
        .values(y)
        .with(gamma)
        .with(runningVar)
        .with(spec.epsilon())
        .values(dy)
        .values(dx)
        .with(dxBeta)
        .values(dResidual)
        .with(dResidualBeta)
        .with(spec.c())
        .with(neighbours(spec))
        .over(dy.elements());
  }

  private static int elements(BatchNormSpec spec) {
    return Math.multiplyExact(spec.n(), spec.h() * spec.w());
  }

  private int neighbours(BatchNormSpec spec) {
    return context.neighbours(spec.h() * spec.w());
  }
}
