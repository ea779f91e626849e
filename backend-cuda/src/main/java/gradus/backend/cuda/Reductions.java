package gradus.backend.cuda;

import gradus.backend.Buffer;

/**
 * Sums over a whole tensor in two launches. How the work is divided depends on the number of
 * elements alone, so that every device gives the same bits.
 */
final class Reductions {
  private static final int ELEMENTS_PER_BLOCK = 4 * Launch.BLOCK;
  private static final int MOST_BLOCKS = 512;

  private final CudaContext context;

  Reductions(CudaContext context) {
    this.context = context;
  }

  /** Blocks for that many elements. */
  static int blocks(long elements) {
    long wanted = (elements + ELEMENTS_PER_BLOCK - 1) / ELEMENTS_PER_BLOCK;
    return (int) Math.max(1, Math.min(MOST_BLOCKS, wanted));
  }

  /** Room for {@code count} partial results. */
  long partials(long count) {
    return context.workspace(count * Float.BYTES).address();
  }

  /**
   * out = factor times the sum of the partials, over the number at {@code divisor} unless that is
   * 0.
   */
  void finish(long partials, int count, float factor, long divisor, Buffer out) {
    context
        .launch(Kernel.FINISH_SUM)
        .with(partials)
        .with(count)
        .with(factor)
        .with(divisor)
        .with(out)
        .blocks(1, 1);
  }
}
