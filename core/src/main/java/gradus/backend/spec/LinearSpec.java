package gradus.backend.spec;

import gradus.GradusException;
import gradus.tensor.Shape;

/**
 * A fully connected layer: x {@code [N,in]}, w {@code [out,in]}, b {@code [out]}, y {@code
 * [N,out]}.
 */
public record LinearSpec(int n, int in, int out) {

  /** Checks every number. */
  public LinearSpec {
    if (n < 1 || in < 1 || out < 1) {
      throw new GradusException(
          "Linear from "
              + in
              + " to "
              + out
              + " features, batch "
              + n
              + ": every size must be at least 1.");
    }
  }

  /** {@code [N,in]}. */
  public Shape inputShape() {
    return Shape.of(n, in);
  }

  /** {@code [out,in]}. */
  public Shape weightShape() {
    return Shape.of(out, in);
  }

  /** {@code [N,out]}. */
  public Shape outputShape() {
    return Shape.of(n, out);
  }

  /** The same for a batch of another size. */
  public LinearSpec withBatch(int size) {
    return size == n ? this : new LinearSpec(size, in, out);
  }
}
