package gradus.autograd;

import gradus.backend.Buffer;
import gradus.backend.BufferPool;
import gradus.tensor.DType;
import java.util.Arrays;

/** Buffers of the pool that a pass has taken and not given back: tensors', and what ops saved. */
final class HeldBuffers {
  private static final int TYPICAL = 64;

  private final BufferPool pool;
  private Buffer[] held = new Buffer[TYPICAL];
  private int count;

  HeldBuffers(BufferPool pool) {
    this.pool = pool;
  }

  /**
   * Takes one.
   *
   * @param shared whether its memory is to serve other sizes at other times
   */
  Buffer take(DType dtype, long bytes, boolean shared) {
    Buffer buffer = shared ? pool.takeShared(bytes) : pool.take(dtype, bytes);
    if (count == held.length) {
      held = Arrays.copyOf(held, count * 2);
    }
    held[count++] = buffer;
    return buffer;
  }

  void giveBack(Buffer buffer) {
    int i = count - 1; // the newest goes first, most often
    while (i >= 0 && held[i] != buffer) {
      i--;
    }
    if (i < 0) {
      throw new IllegalStateException(
          "This pass does not hold the buffer it is to give back: it belongs to another, or has been"
              + " given back already.");
    }
    held[i] = held[--count];
    held[count] = null;
    pool.giveBack(buffer);
  }

  /** Also those of an op that failed between taking and recording. */
  void giveAllBack() {
    while (count > 0) {
      giveBack(held[count - 1]);
    }
  }
}
