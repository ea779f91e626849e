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
    return switch (asked) {
      case FP32 -> FULL;
      case TF32 -> tensorFloatMissing(backend);
      case BF16 ->
          new PrecisionSupport(
              false,
              "The %s backend trains in fp32 alone, not in bf16: leave the precision out, or take the cpu backend."
                  .formatted(backend));
    };
  }

  /** The answer of a backend that has no TensorFloat-32. */
  public static PrecisionSupport tensorFloatMissing(String backend) {
    return new PrecisionSupport(
        false,
        "The %s backend has no tf32, the arithmetic of NVIDIA's GPUs: leave the precision out, or take bf16 where it is there."
            .formatted(backend));
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
