package gradus.backend;

import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * Allocation and copies. The physical layout of a {@link Placement#BATCH} tensor is known only here
 * and in the kernels: it is a pure function of the shape.
 *
 * <p>A batch may be stored with idle places (vector lanes without an image). {@code copyIn} fills
 * them with zeros, kernels may leave finite values in them, gradients in them are zero, and
 * reductions over N leave them out.
 */
public interface Memory {
  /** The bytes a tensor takes here, idle lanes included. */
  long bytes(Shape shape, DType dtype, Placement placement);

  /**
   * Whether a {@link Placement#BATCH} tensor of the one shape lies in memory as it would under the
   * other, which has as many elements and the same N: then to reshape it costs nothing. Otherwise
   * {@link MathOps#reshape} moves it.
   */
  default boolean lieAlike(Shape one, Shape other) {
    return true;
  }

  /**
   * A new region with undefined contents.
   *
   * @throws OutOfBackendMemoryException with the size asked for and what is in use
   */
  Buffer allocate(DType dtype, long bytes);

  /** Gives a region back to the system; views of it die with it. */
  void free(Buffer buffer);

  /**
   * A non-owning view of a dense buffer: {@code count} elements from {@code first}. It needs no
   * {@link #free}.
   */
  Buffer slice(Buffer buffer, long first, long count);

  /** Sets every byte to zero. */
  void zero(Buffer buffer);

  /**
   * Copies host values in logical row-major order into {@code destination}; reads {@code
   * shape.size()} from the position.
   */
  void copyIn(FloatBuffer source, Buffer destination, Shape shape, Placement placement);

  /**
   * Copies images of bytes: {@code destination[n,c,y,x] = byte[n,c,y,x] * scale[c] + shift[c]}, the
   * bytes counting from 0 to 255. A quarter of what floats would move, and no pass of its own for
   * normalising.
   *
   * @param source bytes in logical row-major order, {@code shape.size()} from the position
   * @param shape {@code [N,C,H,W]} of a {@link Placement#BATCH} tensor of floats
   */
  void copyIn(ByteBuffer source, float[] scale, float[] shift, Buffer destination, Shape shape);

  /** Copies host integers into a dense {@link DType#I32} buffer. */
  void copyIn(IntBuffer source, Buffer destination, int count);

  /**
   * Copies a float tensor to the host in logical row-major order. Waits for the kernels that
   * produce it.
   */
  void copyOut(Buffer source, Shape shape, Placement placement, FloatBuffer destination);

  /**
   * Copies a {@link DType#I32} or {@link DType#U8} tensor to the host in logical row-major order,
   * widened to int.
   */
  void copyOut(Buffer source, Shape shape, Placement placement, IntBuffer destination);

  /**
   * Begins to copy the number in a dense one-element buffer to the host. What comes back has the
   * number of now, whatever becomes of the buffer, and waits for it only when asked.
   */
  default Reading readLater(Buffer scalar) {
    FloatBuffer host = FloatBuffer.allocate(1);
    copyOut(scalar, Shape.SCALAR, Placement.DENSE, host);
    float value = host.get(0);
    return () -> value;
  }

  /**
   * Begins to copy a tensor of floats to the host, in logical row-major order, as it is now,
   * whatever becomes of the buffer. Until whoever asked has waited for it, {@code destination} is
   * not to be touched.
   */
  default Arrival copyOutLater(
      Buffer source, Shape shape, Placement placement, FloatBuffer destination) {
    copyOut(source, shape, placement, destination);
    return () -> {};
  }

  /**
   * Starts everything asked for so far, and waits for nothing. A device may gather kernels and
   * start them when somebody wants to see a result: this tells it not to wait for that.
   */
  default void flush() {}

  /** Waits until everything asked for so far has happened. */
  void synchronize();

  /**
   * Whether steps that ask the pool for the same buffers are to get them at the same addresses. If
   * not, the buffer given back last is lent first, which the caches of a processor have at hand.
   */
  default boolean keepsAddresses() {
    return false;
  }

  /** Bytes allocated and not freed. */
  long liveBytes();
}
