package gradus.backend.cuda;

import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;

import gradus.backend.Buffer;
import gradus.tensor.DType;
import org.bytedeco.cuda.cudart.CUDA_KERNEL_NODE_PARAMS_v2;
import org.bytedeco.javacpp.PointerPointer;

/** Puts the arguments of one kernel call together and adds it to the queue. */
final class Launch implements Command.Routine {
  /** Threads of a block; {@code kBlock} of common.cuh. */
  static final int BLOCK = 256;

  private static final int TILE = 32; // channels of a block; kTile of common.cuh
  private static final int WARPS = BLOCK / 32; // of a block

  private final CudaContext context;
  private final KernelModule kernels;
  private final int multiprocessors;
  private Command command;

  Launch(CudaContext context, KernelModule kernels, int multiprocessors) {
    this.context = context;
    this.kernels = kernels;
    this.multiprocessors = multiprocessors;
  }

  /** Begins a call. */
  Launch of(Kernel kernel) {
    command = context.queue().next(this, kernel);
    return this;
  }

  Launch with(Buffer buffer) {
    return with(CudaBuffer.address(buffer));
  }

  /** The structs Input and Output of common.cuh: numbers in float32, bfloat16 or float16. */
  Launch values(Buffer buffer) {
    return values(CudaBuffer.address(buffer), buffer == null ? DType.F32 : buffer.dtype());
  }

  /** The same of numbers that lie somewhere. */
  Launch values(long address, DType type) {
    command.with(address, type.code());
    return this;
  }

  /** An address, or a 64-bit integer. */
  Launch with(long value) {
    command.with(value);
    return this;
  }

  Launch with(int value) {
    command.with(value);
    return this;
  }

  Launch with(float value) {
    command.with(value);
    return this;
  }

  /** A struct of ints. */
  Launch struct(int... fields) {
    command.struct(fields);
    return this;
  }

  /** The struct Images of common.cuh. */
  Launch images(ImageLayout images) {
    return struct(images.channels(), images.h(), images.w(), images.last() ? 1 : 0);
  }

  /** The last argument, and one thread for each, up to a full load of the device. */
  void over(long elements) {
    with(elements);
    if (elements > 0) {
      blocks(atMostAFullLoad((elements + BLOCK - 1) / BLOCK), 1);
    }
  }

  /** The last argument, and one warp for each, up to a full load of the device. */
  void warpsOver(long rows) {
    with(rows);
    if (rows > 0) {
      blocks(atMostAFullLoad((rows + WARPS - 1) / WARPS), 1);
    }
  }

  /**
   * Blocks that all run at once. A few more would begin when these end, have the device to
   * themselves, and leave most of it idle.
   */
  private int atMostAFullLoad(long blocks) {
    Kernel kernel = (Kernel) command.subject();
    return (int) Math.min((long) multiprocessors * kernels.blocksAtOnce(kernel), blocks);
  }

  /** So many blocks, each with a share of the work that does not depend on the device. */
  void blocks(int x, int y) {
    context.queue().add(command.grid(x, y));
  }

  /**
   * So many blocks for each channel, or, where the channels of a pixel lie side by side, for each
   * {@link #TILE} of them.
   */
  void slices(int channels, int neighbours, int slices) {
    blocks(neighbours == 1 ? tiles(channels) : channels, slices);
  }

  /** A block for every {@link #TILE} channels of each image. */
  void tiles(int images, int channels) {
    blocks(Math.multiplyExact(images, tiles(channels)), 1);
  }

  private static int tiles(int channels) {
    return (channels + TILE - 1) / TILE;
  }

  @Override
  public void issue(Command call) {
    Kernel kernel = (Kernel) call.subject();
    CudaStatus.cuda(
        cuLaunchKernel(
            kernels.function(kernel),
            call.columns(),
            call.rows(),
            1,
            BLOCK,
            1,
            1,
            0,
            context.stream(),
            call.addresses(),
            (PointerPointer<?>) null),
        kernel.entry());
  }

  @Override
  public boolean takesOtherArguments() {
    return true;
  }

  /** What a graph is to be told of a call. */
  CUDA_KERNEL_NODE_PARAMS_v2 describe(Command call, CUDA_KERNEL_NODE_PARAMS_v2 into) {
    return into.func(kernels.function((Kernel) call.subject()))
        .gridDimX(call.columns())
        .gridDimY(call.rows())
        .gridDimZ(1)
        .blockDimX(BLOCK)
        .blockDimY(1)
        .blockDimZ(1)
        .sharedMemBytes(0)
        .kernelParams(call.addresses())
        .extra((PointerPointer<?>) null)
        .kern(null)
        .ctx(null);
  }
}
