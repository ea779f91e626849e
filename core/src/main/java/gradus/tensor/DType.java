package gradus.tensor;

/**
 * What one element of a tensor is. Arithmetic on {@link #BF16} and {@link #F16} accumulates in
 * float32.
 */
public enum DType {
  /** IEEE 754 single precision: activations, parameters, gradients. */
  F32(0, 4),
  /** The upper half of a float32: storage of activations in mixed precision. */
  BF16(1, 2),
  /** Signed 32-bit integers: class labels. */
  I32(2, 4),
  /** Unsigned bytes: the window position a max-pool kept. */
  U8(3, 1),
  /**
   * IEEE 754 half precision, 11 bits of a number up to 65504: storage of activations in mixed
   * precision.
   */
  F16(4, 2);

  private final int code;
  private final int bytes;

  DType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** A small number that stays the same whatever is added here: for keys and for native code. */
  public int code() {
    return code;
  }

  /** Whether it is a float of fewer bits than float32: one that values are rounded to. */
  public boolean isReducedFloat() {
    return this == BF16 || this == F16;
  }

  /** Bytes one element takes. */
  public int bytes() {
    return bytes;
  }
}
