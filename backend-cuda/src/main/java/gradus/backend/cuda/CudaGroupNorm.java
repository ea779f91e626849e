package gradus.backend.cuda;

import gradus.backend.Buffer;
import gradus.backend.spec.GroupNormSpec;

/** Group normalisation: one launch forward, one back, and two for the gradients of its weights. */
final class CudaGroupNorm {
  private final CudaContext context;

  CudaGroupNorm(CudaContext context) {
    this.context = context;
  }

  void forward(
      GroupNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      Buffer y,
      Buffer savedMean,
      Buffer savedInvStd) {
    launch(Kernel.GROUP_NORM, spec)
        .with(x)
        .with(gamma)
        .with(beta)
        .with(y)
        .with(savedMean)
        .with(savedInvStd)
        .with(spec.epsilon())
        .blocks(runs(spec), 1);
  }

  /** dx may be null, or dy; dgamma and dbeta may both be null. */
  void backward(
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
    if (dgamma != null) { // first, as dx may be written over dy
      weights(spec, x, savedMean, savedInvStd, dy, dgamma, dbeta, weightsBeta);
    }
    if (dx != null) {
      launch(Kernel.GROUP_NORM_BACKWARD, spec)
          .with(x)
          .with(gamma)
          .with(savedMean)
          .with(savedInvStd)
          .with(dy)
          .with(dx)
          .with(dxBeta)
          .blocks(runs(spec), 1);
    }
  }

  private void weights(
      GroupNormSpec spec,
      Buffer x,
      Buffer savedMean,
      Buffer savedInvStd,
      Buffer dy,
      Buffer dgamma,
      Buffer dbeta,
      float beta) {
    int pixels = spec.h() * spec.w();
    int elements = Math.multiplyExact(spec.n(), pixels);
    int neighbours = context.neighbours(pixels);
    int slices = CudaBatchNorm.slices(elements, neighbours);
    long sums = context.workspace(2L * Float.BYTES * spec.c() * (slices + 1L)).address();
    long partials = sums + 2L * Float.BYTES * spec.c();
    launch(Kernel.PARTIAL_GROUP_NORM_SUMS, spec)
        .with(x)
        .with(savedMean)
        .with(savedInvStd)
        .with(dy)
        .with(partials)
        .with(elements)
        .slices(spec.c(), neighbours, slices);
    context
        .launch(Kernel.FINISH_NORMALIZE_SUMS)
        .with(partials)
        .with(slices)
        .with(sums)
        .with(dbeta)
        .with(dgamma)
        .with(beta)
        .blocks(spec.c(), 1);
  }

  private Launch launch(Kernel kernel, GroupNormSpec spec) {
    return context
        .launch(kernel)
        .struct(spec.c(), spec.h() * spec.w(), spec.groups(), context.channelsLast() ? 1 : 0);
  }

  private static int runs(GroupNormSpec spec) {
    return Math.multiplyExact(spec.n(), spec.groups());
  }
}
