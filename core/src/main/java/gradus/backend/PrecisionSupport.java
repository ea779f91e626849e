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
      case BF16, FP16 ->
          new PrecisionSupport(
              false,
              "The %s backend trains in fp32 alone, not in %s: leave the precision out, or take the %s backend."
                  .formatted(backend, asked, asked == Precision.BF16 ? "cpu" : "cuda"));
    };
  }

  /** The answer of a backend that has no TensorFloat-32. */
  public static PrecisionSupport tensorFloatMissing(String backend) {
    return new PrecisionSupport(
        false,
        "The %s backend has no tf32, the arithmetic of NVIDIA's GPUs: leave the precision out, or take bf16 where it is there."
            .formatted(backend));
  }

  /** The answer of a backend that has bfloat16 and no float16. */
  public static PrecisionSupport halfMissing(String backend) {
    return new PrecisionSupport(
        false,
        "The %s backend has no fp16: take bf16, which needs as much memory and no loss scaling, or leave the precision out."
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
