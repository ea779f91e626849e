package gradus.tensor;

import java.util.Locale;

/**
 * The number format of a training step. Parameters, their gradients, the state of the optimizer,
 * statistics of batch norm, softmax and losses are float32 in each, and sums are taken in float32.
 */
public enum Precision {
  /** Everything in float32. */
  FP32,
  /**
   * Everything in float32, but a backend may round the factors of convolutions and linear layers to
   * NVIDIA's TensorFloat-32 (a float32 with 10 bits behind the point) where it multiplies them.
   * What {@code torch.set_float32_matmul_precision("high")} allows.
   */
  TF32,
  /**
   * Mixed precision with bfloat16, the upper half of a float32: activations are rounded to it where
   * an op makes or reads them and are kept for the backward pass in half the memory; a backend may
   * round the other factors of convolutions (weights and gradients), too, where it multiplies them,
   * and may keep gradients of activations rounded. What {@code torch.autocast} with bfloat16 does,
   * and Lightning's {@code bf16-mixed}.
   */
  BF16;

  /** Its name in options and records: {@code fp32}, {@code tf32}, {@code bf16}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
