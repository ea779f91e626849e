package gradus.backend.cuda;

import static gradus.backend.cuda.CudaBuffer.address;

import gradus.backend.Arrival;
import gradus.backend.Buffer;
import gradus.backend.Memory;
import gradus.backend.OutOfBackendMemoryException;
import gradus.backend.Reading;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/** Device memory. Tensors lie row by row, but batches with pixels maybe channels last. */
final class CudaMemory implements Memory {
  private final CudaContext context;
  private final Copies copies;
  private final StagingRing staging;
  private final LateReads lateReads;
  private long liveBytes;

  CudaMemory(CudaContext context, Copies copies) {
    this.context = context;
    this.copies = copies;
    lateReads = new LateReads(context, copies);
    staging = new StagingRing(context);
    context.closeWithMe(staging);
  }

  @Override
  public long bytes(Shape shape, DType dtype, Placement placement) {
    return shape.size() * dtype.bytes();
  }

  @Override
  public boolean lieAlike(Shape one, Shape other) {
    return context.layout(one).liesAs(context.layout(other));
  }

  private ImageLayout layout(Shape shape, Placement placement) {
    return ImageLayout.of(shape, placement == Placement.BATCH && context.channelsLast());
  }

  /** Whether floats of the host lie there as they do here. */
  private static boolean isDirect(Buffer buffer, ImageLayout layout) {
    return buffer.dtype() == DType.F32 && layout.isLogical();
  }

  @Override
  public Buffer allocate(DType dtype, long bytes) {
    if (bytes > context.settings().memoryLimitBytes() - liveBytes) {
      throw new OutOfBackendMemoryException(
          bytes,
          liveBytes,
          "The cuda backend, limited to %,d bytes by -Dgradus.cuda.memory,"
              .formatted(context.settings().memoryLimitBytes()));
    }
    long address = context.allocate(bytes);
    if (address == 0) {
      throw new OutOfBackendMemoryException(bytes, liveBytes, "Device cuda:" + context.device());
    }
    liveBytes += bytes;
    return new CudaBuffer(dtype, bytes, address);
  }

  @Override
  public void free(Buffer buffer) {
    context.free(address(buffer));
    liveBytes -= buffer.bytes();
  }

  @Override
  public Buffer slice(Buffer buffer, long first, long count) {
    return new CudaBuffer(buffer.dtype(), count * buffer.dtype().bytes(), address(buffer, first));
  }

  @Override
  public void zero(Buffer buffer) {
    copies.zero(buffer);
  }

  @Override
  public void copyIn(FloatBuffer source, Buffer destination, Shape shape, Placement placement) {
    ImageLayout layout = layout(shape, placement);
    boolean direct = isDirect(destination, layout);
    long bytes = shape.size() * Float.BYTES;
    long floats = direct ? address(destination) : context.workspace(bytes).address();
    staging.copyIn(
        floats,
        bytes,
        (slot, first, count) ->
            slot.asFloatBuffer()
                .put(0, source, source.position() + floats(first), count / Float.BYTES));
    if (!direct) {
      context
          .move(layout.logical(), layout)
          .values(floats, DType.F32)
          .values(destination)
          .with(0f)
          .over(shape.size());
    }
  }

  /** The bytes travel as they are; a kernel makes floats of them there. */
  @Override
  public void copyIn(
      ByteBuffer source, float[] scale, float[] shift, Buffer destination, Shape shape) {
    long bytes = shape.size();
    int channels = scale.length;
    int ahead = 2 * channels * Float.BYTES;
    long room = context.workspace(ahead + bytes).address();
    staging.copyIn(
        room,
        ahead,
        (slot, first, count) -> slot.asFloatBuffer().put(0, scale).put(channels, shift));
    staging.copyIn(
        room + ahead,
        bytes,
        (slot, first, count) ->
            slot.put(0, source, source.position() + Math.toIntExact(first), count));
    context
        .launch(Kernel.WIDEN_BYTES)
        .images(context.layout(shape))
        .with(room + ahead)
        .with(room)
        .with(destination)
        .over(bytes);
  }

  @Override
  public void copyIn(IntBuffer source, Buffer destination, int count) {
    staging.copyIn(
        address(destination),
        (long) count * Integer.BYTES,
        (slot, first, bytes) ->
            slot.asIntBuffer()
                .put(0, source, source.position() + floats(first), bytes / Integer.BYTES));
  }

  @Override
  public void copyOut(Buffer source, Shape shape, Placement placement, FloatBuffer destination) {
    ImageLayout layout = layout(shape, placement);
    boolean direct = isDirect(source, layout);
    long bytes = shape.size() * Float.BYTES;
    long floats = direct ? address(source) : context.workspace(bytes).address();
    if (!direct) {
      context
          .move(layout, layout.logical())
          .values(source)
          .values(floats, DType.F32)
          .with(0f)
          .over(shape.size());
    }
    staging.copyOut(
        floats,
        bytes,
        (slot, first, count) ->
            destination.put(
                destination.position() + floats(first),
                slot.asFloatBuffer(),
                0,
                count / Float.BYTES));
  }

  @Override
  public void copyOut(Buffer source, Shape shape, Placement placement, IntBuffer destination) {
    int start = destination.position();
    if (source.dtype() == DType.U8) {
      ImageLayout layout = layout(shape, placement);
      staging.copyOut(
          address(source),
          shape.size(),
          (slot, first, count) -> {
            for (int i = 0; i < count; i++) {
              int at = start + layout.logical((int) first + i);
              destination.put(at, Byte.toUnsignedInt(slot.get(i)));
            }
          });
    } else {
      staging.copyOut(
          address(source),
          shape.size() * Integer.BYTES,
          (slot, first, count) ->
              destination.put(start + floats(first), slot.asIntBuffer(), 0, count / Integer.BYTES));
    }
  }

  /** Elements of four bytes before a byte; a host buffer's index is an int. */
  private static int floats(long bytes) {
    return Math.toIntExact(bytes / Float.BYTES);
  }

  @Override
  public Reading readLater(Buffer scalar) {
    return lateReads.read(scalar);
  }

  /** What has to be moved or widened first is not made to wait for, but waited for. */
  @Override
  public Arrival copyOutLater(
      Buffer source, Shape shape, Placement placement, FloatBuffer destination) {
    if (!isDirect(source, layout(shape, placement))) {
      return Memory.super.copyOutLater(source, shape, placement, destination);
    }
    return lateReads.read(source, Math.toIntExact(shape.size()), destination);
  }

  @Override
  public void flush() {
    lateReads.flush();
  }

  /** A graph holds the addresses of the step it was recorded from. */
  @Override
  public boolean keepsAddresses() {
    return true;
  }

  @Override
  public void synchronize() {
    context.synchronize();
  }

  @Override
  public long liveBytes() {
    return liveBytes;
  }
}
