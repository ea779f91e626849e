package gradus.tensor;

import gradus.GradusException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * The host side of one step: images ready for the network, and their labels. {@code Pass.images}
 * and {@code Pass.labels} bring them to a device.
 *
 * @param shape {@code [N,C,H,W]}
 * @param images {@code N C H W} values from index 0, in logical row-major order; a direct buffer is
 *     copied fastest
 * @param labels N class numbers from index 0, or null when unknown
 * @param targets what to learn where that is more than a class number, such as the shares of two
 *     mixed images: {@code [N,classes]} probabilities, row by row, the whole buffer; or null
 */
public record Batch(Shape shape, FloatBuffer images, IntBuffer labels, FloatBuffer targets) {
  /** Checks that the buffers hold as much as the shape says. */
  public Batch {
    if (images.capacity() < shape.size() || (labels != null && labels.capacity() < shape.dim(0))) {
      throw new GradusException(
          "A batch of shape "
              + shape
              + " needs "
              + shape.size()
              + " values and "
              + shape.dim(0)
              + " labels, but has room for "
              + images.capacity()
              + " and "
              + (labels == null ? 0 : labels.capacity())
              + ".");
    }
    if (targets != null && (targets.capacity() == 0 || targets.capacity() % shape.dim(0) != 0)) {
      throw new GradusException(
          "Targets of a batch of "
              + shape.dim(0)
              + " images must be as many numbers for each, but there are "
              + targets.capacity()
              + " in all.");
    }
  }

  /** With class numbers alone. */
  public Batch(Shape shape, FloatBuffer images, IntBuffer labels) {
    this(shape, images, labels, null);
  }

  /** The number of images. */
  public int size() {
    return shape.dim(0);
  }
}
