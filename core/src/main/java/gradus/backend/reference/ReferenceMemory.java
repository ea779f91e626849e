package gradus.backend.reference;

import gradus.GradusException;
import gradus.backend.Buffer;
import gradus.backend.Memory;
import gradus.backend.OutOfBackendMemoryException;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * Memory on the Java heap, row-major for both placements. Sizes are counted as the element types
 * say, although every element is kept as a double.
 */
public final class ReferenceMemory implements Memory {
  private static final int MOST_ELEMENTS = Integer.MAX_VALUE - 8; // the longest array of most JVMs

  private long liveBytes;

  ReferenceMemory() {}

  @Override
  public long bytes(Shape shape, DType dtype, Placement placement) {
    return shape.size() * dtype.bytes();
  }

  @Override
  public Buffer allocate(DType dtype, long bytes) {
    long elements = bytes / dtype.bytes();
    if (elements > MOST_ELEMENTS) {
      throw new OutOfBackendMemoryException(bytes, liveBytes, "The reference backend");
    }
    try {
      Buffer buffer = new ReferenceBuffer(dtype, (int) elements);
      liveBytes += buffer.bytes();
      return buffer;
    } catch (OutOfMemoryError heapFull) {
      OutOfBackendMemoryException refusal =
          new OutOfBackendMemoryException(
              bytes, liveBytes, "The Java heap of the reference backend");
      refusal.initCause(heapFull);
      throw refusal;
    }
  }

  @Override
  public void free(Buffer buffer) {
    ReferenceBuffer inside = ReferenceBuffer.of(buffer);
    if (inside.isReleased()) {
      throw new GradusException(
          "A buffer of " + buffer.bytes() + " bytes was freed twice: free it once, by its owner.");
    }
    inside.release();
    liveBytes -= buffer.bytes();
  }

  @Override
  public Buffer slice(Buffer buffer, long first, long count) {
    return ReferenceBuffer.of(buffer).slice((int) first, (int) count);
  }

  @Override
  public void zero(Buffer buffer) {
    ReferenceBuffer.of(buffer).fill(0);
  }

  @Override
  public void copyIn(FloatBuffer source, Buffer destination, Shape shape, Placement placement) {
    ReferenceBuffer inside = ReferenceBuffer.of(destination);
    int start = source.position();
    for (int i = 0; i < shape.size(); i++) {
      inside.set(i, narrow(source.get(start + i), inside.dtype()));
    }
  }

  @Override
  public void copyIn(
      ByteBuffer source, float[] scale, float[] shift, Buffer destination, Shape shape) {
    ReferenceBuffer inside = ReferenceBuffer.of(destination);
    int start = source.position();
    int pixels = shape.dim(2) * shape.dim(3);
    for (int i = 0; i < shape.size(); i++) {
      int c = i / pixels % shape.dim(1);
      // Rounded to a float, as a host that normalises by itself would hand it over.
      inside.set(i, Math.fma(Byte.toUnsignedInt(source.get(start + i)), scale[c], shift[c]));
    }
  }

  @Override
  public void copyIn(IntBuffer source, Buffer destination, int count) {
    ReferenceBuffer inside = ReferenceBuffer.of(destination);
    int start = source.position();
    for (int i = 0; i < count; i++) {
      inside.set(i, source.get(start + i));
    }
  }

  /** Copies host values in full precision: what a proof by finite differences needs. */
  public void copyIn(double[] source, Buffer destination) {
    ReferenceBuffer inside = ReferenceBuffer.of(destination);
    for (int i = 0; i < source.length; i++) {
      inside.set(i, source[i]);
    }
  }

  @Override
  public void copyOut(Buffer source, Shape shape, Placement placement, FloatBuffer destination) {
    ReferenceBuffer inside = ReferenceBuffer.of(source);
    int start = destination.position();
    for (int i = 0; i < shape.size(); i++) {
      destination.put(start + i, narrow((float) inside.get(i), inside.dtype()));
    }
  }

  @Override
  public void copyOut(Buffer source, Shape shape, Placement placement, IntBuffer destination) {
    ReferenceBuffer inside = ReferenceBuffer.of(source);
    int start = destination.position();
    for (int i = 0; i < shape.size(); i++) {
      destination.put(start + i, (int) inside.get(i));
    }
  }

  /** Copies every element to the host in full precision. */
  public double[] copyOut(Buffer source) {
    ReferenceBuffer inside = ReferenceBuffer.of(source);
    double[] result = new double[inside.length()];
    for (int i = 0; i < result.length; i++) {
      result[i] = inside.get(i);
    }
    return result;
  }

  @Override
  public void synchronize() {} // every op has finished when it returns

  @Override
  public long liveBytes() {
    return liveBytes;
  }

  private static float narrow(float value, DType dtype) {
    return dtype.isReducedFloat() ? Rounding.nearest(value, dtype) : value;
  }
}
