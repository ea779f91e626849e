package gradus.backend;

import gradus.backend.spec.Activation;
import gradus.tensor.Placement;
import gradus.tensor.Precision;
import gradus.tensor.Shape;

/**
 * Elementwise arithmetic over whole buffers of equal size, and reductions. {@code beta} is 0 to
 * overwrite the destination or 1 to add to it. A destination may be the same buffer as a source
 * where the op says "in place allowed".
 */
public interface MathOps {
  /** y = value. */
  void fill(Buffer y, float value);

  /** y = x. */
  void copy(Buffer x, Buffer y);

  /** y = a + b; in place allowed. */
  void add(Buffer a, Buffer b, Buffer y);

  /** y = a b; in place allowed. */
  void multiply(Buffer a, Buffer b, Buffer y);

  /** y += alpha x. */
  void addScaled(float alpha, Buffer x, Buffer y);

  /** y = alpha y. */
  void scale(float alpha, Buffer y);

  /** y = scalar[0] y, with the factor read on the device. */
  void scaleBy(Buffer scalar, Buffer y);

  /**
   * y = f(x); in place allowed. In {@linkplain Precision#isMixed mixed precision} x and y may both
   * be rounded.
   */
  void activation(Activation f, Buffer x, Buffer y);

  /**
   * dx = beta dx + dy f'(x), given both x and y = f(x); dx may be dy when beta is 0. Where x and y
   * are rounded, dx may be, and, where it is, also dy.
   */
  void activationBackward(Activation f, Buffer x, Buffer y, Buffer dy, Buffer dx, float beta);

  /**
   * y = beta y + x, element by element in logical order, for batches of different shape; either may
   * be rounded. Only for backends where shapes do not {@linkplain Memory#lieAlike lie alike}.
   */
  default void reshape(Buffer x, Shape from, Buffer y, Shape to, float beta) {
    throw new UnsupportedOperationException("Here every batch lies alike: ask Memory.lieAlike.");
  }

  /**
   * {@code packed} (BF16 or F16) = x rounded to what its type can hold, to the nearest and of two
   * to the even one; NaN stays NaN, and what is beyond the largest number of F16 becomes infinite.
   * The same values go to y, unless it is null; y may be x. Only backends that {@link
   * Backend#support} a {@linkplain Precision#isMixed mixed precision} have it, for its type.
   */
  default void round(Buffer x, Buffer y, Buffer packed) {
    throw new UnsupportedOperationException(
        "This backend has no mixed precision: ask Backend.support.");
  }

  /** y = {@code packed} (BF16 or F16), exactly; for backends that have {@link #round}. */
  default void expand(Buffer packed, Buffer y) {
    throw new UnsupportedOperationException(
        "This backend has no mixed precision: ask Backend.support.");
  }

  /** out[0] = the sum of squares of {@code count} elements of a dense buffer from {@code first}. */
  void sumOfSquares(Buffer x, long first, long count, Buffer out);

  /**
   * out[0..5] = sum, sum of squares, minimum, maximum, how many are not finite, how many are zero,
   * over the {@code shape.size()} logical elements. Elements that are not finite take no part in
   * the first four and the last.
   */
  void statistics(Buffer x, Shape shape, Placement placement, Buffer out);
}
