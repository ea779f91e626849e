package gradus.tensor;

import java.util.Locale;

/**
 * The number format of a training step. Parameters, their gradients, the state of the optimizer,
 * statistics of batch norm, softmax and losses are float32 in each, and sums are taken in float32.
 */
public enum Precision {
  /** Everything in float32. */
  FP32(DType.F32),
  /**
   * Everything in float32, but a backend may round the factors of convolutions and linear layers to
   * NVIDIA's TensorFloat-32 (a float32 with 10 bits behind the point) where it multiplies them.
   * What {@code torch.set_float32_matmul_precision("high")} allows.
   */
  TF32(DType.F32),
  /**
   * Mixed precision with bfloat16, the upper half of a float32: activations are rounded to it where
   * an op makes or reads them and are kept for the backward pass in half the memory; a backend may
   * round the other factors of convolutions (weights and gradients), too, where it multiplies them,
   * and may keep gradients of activations rounded. What {@code torch.autocast} with bfloat16 does,
   * and Lightning's {@code bf16-mixed}.
   */
  BF16(DType.BF16),
  /**
   * {@link #BF16} with IEEE half precision in its place: an eighth of its rounding error, but
   * nothing beyond 65504 and little below 6e-8, so that gradients must be scaled on their way back
   * ({@code gradus.optim.GradScaler}; a {@code Trainer} does so by itself). For GPUs whose tensor
   * cores know no bfloat16. What {@code torch.autocast} with float16 does, and Lightning's {@code
   * 16-mixed}.
   */
  FP16(DType.F16);

  private final DType activations;

  Precision(DType activations) {
    this.activations = activations;
  }

  /** What activations are kept as for the backward pass. */
  public DType activations() {
    return activations;
  }

  /** Whether activations are rounded to fewer bits than float32 has. */
  public boolean isMixed() {
    return activations.isReducedFloat();
  }

  /** Its name in options and records: {@code fp32}, {@code tf32}, {@code bf16}, {@code fp16}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
