package gradus.backend.cuda;

import gradus.backend.Buffer;

/** The bias of convolutions and linear layers, and its gradient. */
final class Bias {
  private final CudaContext context;

  Bias(CudaContext context) {
    this.context = context;
  }

  /** y[.][c][.] += b[c], unless b is null. */
  void add(Buffer b, Buffer y, int channels, int pixels) {
    if (b != null) {
      finish(b, null, false, y, channels, pixels);
    }
  }

  /** y = relu(y + b + residual); b and residual may be null. */
  void addRelu(Buffer b, Buffer residual, Buffer y, int channels, int pixels) {
    finish(b, residual, true, y, channels, pixels);
  }

  private void finish(Buffer b, Buffer residual, boolean relu, Buffer y, int channels, int pixels) {
    context
        .launch(Kernel.ADD_BIAS)
        .with(b)
        .with(residual)
        .with(relu ? 1 : 0)
        .values(y)
        .with(channels)
        .with(context.neighbours(pixels))
        .over(y.elements());
  }

  /** db = beta db + the sum of dy over everything but the channel, unless db is null. */
  void backward(Buffer dy, Buffer db, int n, int channels, int pixels, float beta) {
    if (db == null) {
      return;
    }
    int elements = Math.multiplyExact(n, pixels);
    int neighbours = context.neighbours(pixels);
    int slices = CudaBatchNorm.slices(elements, neighbours);
    long partials = context.workspace((long) Float.BYTES * channels * slices).address();
    context
        .launch(Kernel.PARTIAL_CHANNEL_SUMS)
        .values(dy)
        .with(partials)
        .with(db)
        .with(beta)
        .with(elements)
        .with(channels)
        .with(neighbours)
        .slices(channels, neighbours, slices);
    if (slices > 1) {
      context
          .launch(Kernel.FINISH_CHANNEL_SUMS)
          .with(partials)
          .with(db)
          .with(slices)
          .with(beta)
          .blocks(channels, 1);
    }
  }
}
