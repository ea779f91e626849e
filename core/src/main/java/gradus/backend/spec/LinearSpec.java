package gradus.backend.spec;

import gradus.GradusException;
import gradus.tensor.Precision;
import gradus.tensor.Shape;

/**
 * A fully connected layer: x {@code [N,in]}, w {@code [out,in]}, b {@code [out]}, y {@code
 * [N,out]}.
 *
 * @param factors what a backend may round x, w and the gradient of y to: float32 or TensorFloat-32.
 *     Sums are float32
 */
public record LinearSpec(int n, int in, int out, Precision factors) {

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

  /** Of factors in float32. */
  public LinearSpec(int n, int in, int out) {
    this(n, in, out, Precision.FP32);
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
    return size == n ? this : new LinearSpec(size, in, out, factors);
  }

  /** The same in a step of that precision; in a mixed one, x alone is rounded, beforehand. */
  public LinearSpec withFactors(Precision precision) {
    Precision wanted = precision == Precision.TF32 ? Precision.TF32 : Precision.FP32;
    return wanted == factors ? this : new LinearSpec(n, in, out, wanted);
  }
}
