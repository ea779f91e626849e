package gradus.backend.cuda;

import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;

import gradus.backend.Buffer;
import gradus.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Puts the arguments of one kernel call together and starts it. One object serves every call, and a
 * call allocates nothing: the driver copies the arguments before it returns.
 */
final class Launch implements AutoCloseable {
  /** Threads of a block; {@code kBlock} of common.cuh. */
  static final int BLOCK = 256;

  private static final int MOST_ARGUMENTS = 20;
  private static final int ROOM = 64; // bytes of an argument: the largest is a spec of 11 ints
  private static final int BLOCKS_PER_MULTIPROCESSOR = 8; // 2048 threads, a full load

  private final KernelModule kernels;
  private final CUstream_st stream;
  private final int mostBlocks;
  private final BytePointer memory = new BytePointer((long) MOST_ARGUMENTS * ROOM);
  private final ByteBuffer arguments = memory.asByteBuffer().order(ByteOrder.nativeOrder());
  private final PointerPointer<Pointer> addresses = new PointerPointer<>(MOST_ARGUMENTS);
  private Kernel kernel;
  private int count;

  Launch(KernelModule kernels, CUstream_st stream, int multiprocessors) {
    this.kernels = kernels;
    this.stream = stream;
    this.mostBlocks = multiprocessors * BLOCKS_PER_MULTIPROCESSOR;
    for (int i = 0; i < MOST_ARGUMENTS; i++) {
      addresses.put(i, memory.getPointer((long) i * ROOM));
    }
  }

  /** Begins a call. */
  Launch of(Kernel next) {
    kernel = next;
    count = 0;
    return this;
  }

  Launch with(Buffer buffer) {
    return with(CudaBuffer.address(buffer));
  }

  /** The structs Input and Output of common.cuh: numbers in float32 or bfloat16. */
  Launch values(Buffer buffer) {
    return values(CudaBuffer.address(buffer), buffer == null ? DType.F32 : buffer.dtype());
  }

  /** The same of numbers that lie somewhere. */
  Launch values(long address, DType type) {
    int at = next();
    arguments.putLong(at, type == DType.BF16 ? 0 : address);
    arguments.putLong(at + Long.BYTES, type == DType.BF16 ? address : 0);
    return this;
  }

  /** An address, or a 64-bit integer. */
  Launch with(long value) {
    arguments.putLong(next(), value);
    return this;
  }

  Launch with(int value) {
    arguments.putInt(next(), value);
    return this;
  }

  Launch with(float value) {
    arguments.putFloat(next(), value);
    return this;
  }

  /** A struct of ints. */
  Launch struct(int... fields) {
    int at = next();
    for (int field : fields) {
      arguments.putInt(at, field);
      at += Integer.BYTES;
    }
    return this;
  }

  private int next() {
    return count++ * ROOM;
  }

  /** The last argument, and one thread for each, up to a full load of the device. */
  void over(long elements) {
    with(elements);
    if (elements > 0) {
      start((int) Math.min(mostBlocks, (elements + BLOCK - 1) / BLOCK), 1);
    }
  }

  /** So many blocks, each with a share of the work that does not depend on the device. */
  void blocks(int x, int y) {
    start(x, y);
  }

  private void start(int x, int y) {
    CudaStatus.cuda(
        cuLaunchKernel(
            kernels.function(kernel),
            x,
            y,
            1,
            BLOCK,
            1,
            1,
            0,
            stream,
            addresses,
            (PointerPointer<?>) null),
        kernel.entry());
  }

  @Override
  public void close() {
    addresses.close();
    memory.close();
  }
}
