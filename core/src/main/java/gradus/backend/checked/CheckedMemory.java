package gradus.backend.checked;

import gradus.backend.Arrival;
import gradus.backend.Buffer;
import gradus.backend.Memory;
import gradus.backend.Reading;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/** Memory that hands out checked handles. */
final class CheckedMemory implements Memory {
  private final Memory inner;
  private final Handles handles;
  private final Checks checks;

  CheckedMemory(Checks checks) {
    this.inner = checks.memory();
    this.handles = checks.handles();
    this.checks = checks;
  }

  @Override
  public long bytes(Shape shape, DType dtype, Placement placement) {
    return inner.bytes(shape, dtype, placement);
  }

  @Override
  public boolean lieAlike(Shape one, Shape other) {
    return inner.lieAlike(one, other);
  }

  @Override
  public Buffer allocate(DType dtype, long bytes) {
    return handles.open(inner.allocate(dtype, bytes));
  }

  @Override
  public void free(Buffer buffer) {
    inner.free(handles.close(buffer, "memory.free"));
  }

  @Override
  public Buffer slice(Buffer buffer, long first, long count) {
    CheckedBuffer of = handles.living("slice", "buffer", buffer);
    checks
        .of("slice")
        .require(
            first >= 0 && count >= 0 && first + count <= of.elements(),
            count + " elements from " + first + " do not lie inside the " + of);
    return new CheckedBuffer(inner.slice(of.inner(), first, count), of, first);
  }

  @Override
  public void zero(Buffer buffer) {
    inner.zero(checks.of("zero").writeAny("buffer", buffer));
  }

  @Override
  public void copyIn(FloatBuffer source, Buffer destination, Shape shape, Placement placement) {
    OpCheck check = checks.of("copyIn");
    check.require(
        source.remaining() >= shape.size(),
        "the source has " + source.remaining() + " values for the shape " + shape);
    DType dtype = OpCheck.activations(destination);
    inner.copyIn(
        source, check.write("destination", destination, shape, dtype, placement), shape, placement);
  }

  @Override
  public void copyIn(
      ByteBuffer source, float[] scale, float[] shift, Buffer destination, Shape shape) {
    OpCheck check = checks.of("copyIn");
    check.require(shape.rank() == 4, "images have the shape [N,C,H,W], not " + shape);
    check.require(
        source.remaining() >= shape.size(),
        "the source has " + source.remaining() + " bytes for the shape " + shape);
    check.require(
        scale.length == shape.dim(1) && shift.length == shape.dim(1),
        scale.length + " factors and " + shift.length + " summands for the channels of " + shape);
    inner.copyIn(
        source,
        scale,
        shift,
        check.write("destination", destination, shape, DType.F32, Placement.BATCH),
        shape);
  }

  @Override
  public void copyIn(IntBuffer source, Buffer destination, int count) {
    OpCheck check = checks.of("copyIn");
    check.require(
        source.remaining() >= count, "the source has " + source.remaining() + " of " + count);
    Shape shape = Shape.of(count);
    inner.copyIn(
        source, check.write("destination", destination, shape, DType.I32, Placement.DENSE), count);
  }

  @Override
  public void copyOut(Buffer source, Shape shape, Placement placement, FloatBuffer destination) {
    OpCheck check = checks.of("copyOut");
    check.require(
        destination.remaining() >= shape.size(),
        "the destination has room for " + destination.remaining() + " of the shape " + shape);
    DType dtype = OpCheck.activations(source);
    inner.copyOut(
        check.read("source", source, shape, dtype, placement), shape, placement, destination);
  }

  @Override
  public void copyOut(Buffer source, Shape shape, Placement placement, IntBuffer destination) {
    OpCheck check = checks.of("copyOut");
    check.require(
        destination.remaining() >= shape.size(),
        "the destination has room for " + destination.remaining() + " of the shape " + shape);
    DType dtype = source.dtype() == DType.U8 ? DType.U8 : DType.I32;
    inner.copyOut(
        check.read("source", source, shape, dtype, placement), shape, placement, destination);
  }

  @Override
  public Reading readLater(Buffer scalar) {
    return inner.readLater(
        checks.of("readLater").read("scalar", scalar, Shape.SCALAR, DType.F32, Placement.DENSE));
  }

  @Override
  public Arrival copyOutLater(
      Buffer source, Shape shape, Placement placement, FloatBuffer destination) {
    OpCheck check = checks.of("copyOutLater");
    check.require(
        destination.remaining() >= shape.size(),
        "the destination has room for " + destination.remaining() + " of the shape " + shape);
    return inner.copyOutLater(
        check.read("source", source, shape, DType.F32, placement), shape, placement, destination);
  }

  @Override
  public void flush() {
    inner.flush();
  }

  @Override
  public boolean keepsAddresses() {
    return inner.keepsAddresses();
  }

  @Override
  public void synchronize() {
    inner.synchronize();
  }

  @Override
  public long liveBytes() {
    return inner.liveBytes();
  }
}
