package gradus.weights;

import gradus.GradusException;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;

/**
 * The values of one tensor on the host.
 *
 * @param shape logical extents, as in PyTorch: {@code [out,in,kh,kw]} for a convolution
 * @param values row-major, from index 0
 */
public record Weight(Shape shape, FloatBuffer values) {
  /** Checks that the buffer is long enough. */
  public Weight {
    if (values.capacity() < shape.size()) {
      throw new GradusException(
          "A weight of shape "
              + shape
              + " needs "
              + shape.size()
              + " values, but has "
              + values.capacity()
              + ".");
    }
  }

  /** From an array, which is not copied. */
  public static Weight of(Shape shape, float... values) {
    return new Weight(shape, FloatBuffer.wrap(values));
  }
}
