package gradus.backend.cpu;

import static gradus.backend.cpu.CpuBuffer.address;

import gradus.GradusException;
import gradus.backend.Buffer;
import gradus.backend.Memory;
import gradus.backend.OutOfBackendMemoryException;
import gradus.backend.PrecisionSupport;
import gradus.kernels.Kernels;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * Native memory, 64-byte aligned. A batch {@code [N, ...]} is stored as {@code
 * [ceil(N/L)][...][L]}, with L the lanes of a vector, or 1 for small batches: see {@link
 * LayoutChoice}.
 */
final class CpuMemory implements Memory {
  private final CpuContext context;
  private long liveBytes;
  private ByteBuffer staging = direct(0);
  private FloatBuffer scales = staging.asFloatBuffer(); // and summands, of the channels of images

  CpuMemory(CpuContext context) {
    this.context = context;
  }

  @Override
  public long bytes(Shape shape, DType dtype, Placement placement) {
    long elements = shape.size();
    if (placement == Placement.BATCH) {
      int n = shape.dim(0);
      long width = context.width(n);
      elements = elements / n * ((n + width - 1) / width * width);
    }
    return elements * dtype.bytes();
  }

  @Override
  public Buffer allocate(DType dtype, long bytes) {
    if (dtype == DType.F16) {
      throw new GradusException(PrecisionSupport.halfMissing("cpu").remark());
    }
    long address = Kernels.allocate(bytes);
    if (address == 0) {
      throw new OutOfBackendMemoryException(bytes, liveBytes, "The cpu backend");
    }
    liveBytes += bytes;
    return new CpuBuffer(dtype, bytes, address);
  }

  @Override
  public void free(Buffer buffer) {
    context.forget(address(buffer), buffer.bytes());
    Kernels.free(address(buffer));
    liveBytes -= buffer.bytes();
  }

  @Override
  public Buffer slice(Buffer buffer, long first, long count) {
    return new CpuBuffer(buffer.dtype(), count * buffer.dtype().bytes(), address(buffer, first));
  }

  @Override
  public void zero(Buffer buffer) {
    context.check(Kernels.zero(context.handle(), address(buffer), buffer.bytes()));
  }

  @Override
  public void copyIn(FloatBuffer source, Buffer destination, Shape shape, Placement placement) {
    if (destination.dtype() == DType.BF16) {
      Buffer wide = allocate(DType.F32, 2 * destination.bytes());
      copyIn(source, wide, shape, placement);
      context.check(
          Kernels.roundBf16(
              context.handle(),
              address(wide),
              address(wide),
              address(destination),
              wide.elements()));
      free(wide);
      return;
    }
    int count = Math.toIntExact(shape.size());
    requireRoom(source, count);
    FloatBuffer readable = source;
    if (!isReadable(source.isDirect(), source.order())) {
      readable = stage(count).asFloatBuffer();
      readable.put(0, source, source.position(), count);
    }
    long from = Kernels.address(readable);
    if (placement == Placement.BATCH) {
      int n = shape.dim(0);
      context.check(Kernels.copyIn(context.handle(), from, address(destination), n, count / n));
    } else {
      copy(from, address(destination), (long) count * Float.BYTES);
    }
  }

  @Override
  public void copyIn(
      ByteBuffer source, float[] scale, float[] shift, Buffer destination, Shape shape) {
    int count = Math.toIntExact(shape.size());
    requireRoom(source, count);
    ByteBuffer readable = source;
    if (!source.isDirect()) {
      readable = stage((count + Float.BYTES - 1) / Float.BYTES);
      readable.put(0, source, source.position(), count);
    }
    int channels = scale.length;
    if (scales.capacity() < 2 * channels) {
      scales = direct(2 * channels * Float.BYTES).asFloatBuffer();
    }
    scales.put(0, scale).put(channels, shift);
    context.check(
        Kernels.copyInBytes(
            context.handle(),
            Kernels.address(readable),
            Kernels.address(scales),
            address(destination),
            shape.dim(0),
            channels,
            (long) shape.dim(2) * shape.dim(3)));
  }

  @Override
  public void copyIn(IntBuffer source, Buffer destination, int count) {
    requireRoom(source, count);
    IntBuffer readable = source;
    if (!isReadable(source.isDirect(), source.order())) {
      readable = stage(count).asIntBuffer();
      readable.put(0, source, source.position(), count);
    }
    copy(Kernels.address(readable), address(destination), (long) count * Integer.BYTES);
  }

  @Override
  public void copyOut(Buffer source, Shape shape, Placement placement, FloatBuffer destination) {
    if (source.dtype() == DType.BF16) {
      Buffer wide = allocate(DType.F32, 2 * source.bytes());
      context.check(
          Kernels.expandBf16(context.handle(), address(source), address(wide), wide.elements()));
      copyOut(wide, shape, placement, destination);
      free(wide);
      return;
    }
    int count = Math.toIntExact(shape.size());
    requireRoom(destination, count);
    boolean writable = isReadable(destination.isDirect(), destination.order());
    FloatBuffer target = writable ? destination : stage(count).asFloatBuffer();
    long to = Kernels.address(target);
    if (placement == Placement.BATCH) {
      int n = shape.dim(0);
      context.check(Kernels.copyOut(context.handle(), address(source), to, n, count / n));
    } else {
      copy(address(source), to, (long) count * Float.BYTES);
    }
    if (!writable) {
      destination.put(destination.position(), target, 0, count);
    }
  }

  @Override
  public void copyOut(Buffer source, Shape shape, Placement placement, IntBuffer destination) {
    int count = Math.toIntExact(shape.size());
    IntBuffer target = stage(count).asIntBuffer();
    long to = Kernels.address(target);
    if (source.dtype() == DType.U8) {
      // One value per example lies densely in either layout.
      int n = placement == Placement.BATCH ? shape.dim(0) : count;
      context.check(Kernels.copyOutBytes(context.handle(), address(source), to, n, count / n));
    } else {
      copy(address(source), to, (long) count * Integer.BYTES);
    }
    destination.put(destination.position(), target, 0, count);
  }

  @Override
  public void synchronize() {} // every kernel has finished when its call returns

  @Override
  public long liveBytes() {
    return liveBytes;
  }

  private void copy(long from, long to, long bytes) {
    context.check(Kernels.copy(context.handle(), from, to, bytes));
  }

  /** Native code would go past the end of a host buffer that is too short. */
  private static void requireRoom(java.nio.Buffer host, int count) {
    if (host.remaining() < count) {
      throw new GradusException(
          "A copy of %d values needs a host buffer that holds as many, but this one has %d left."
              .formatted(count, host.remaining()));
    }
  }

  /** Whether native code can use a host buffer where it lies. */
  private static boolean isReadable(boolean direct, ByteOrder order) {
    return direct && order == ByteOrder.nativeOrder();
  }

  /** Room for that many floats or ints on their way from or to the Java heap. */
  private ByteBuffer stage(int count) {
    int bytes = Math.multiplyExact(count, Float.BYTES);
    if (staging.capacity() < bytes) {
      staging = direct(bytes);
    }
    return staging;
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
