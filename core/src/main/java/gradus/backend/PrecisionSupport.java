package gradus.backend;

import gradus.GradusException;
import gradus.tensor.Precision;

/**
 * What a backend makes of a precision.
 *
 * @param available whether it trains in it
 * @param remark what a user should know beforehand, or why it does not, as a sentence; empty if
 *     there is nothing to say
 */
public record PrecisionSupport(boolean available, String remark) {
  /** It does, and there is nothing to add. */
  public static final PrecisionSupport FULL = new PrecisionSupport(true, "");

  /** The answer of a backend that knows float32 alone. */
  static PrecisionSupport float32Alone(String backend, Precision asked) {
    return asked == Precision.FP32
        ? FULL
        : new PrecisionSupport(
            false,
            "The %s backend trains in fp32 alone, not in %s: leave the precision out, or take the cpu backend."
                .formatted(backend, asked));
  }

  /**
   * Nothing if it is available.
   *
   * @throws GradusException with the remark if not
   */
  public void require() {
    if (!available) {
      throw new GradusException(remark);
    }
  }
}
