package gradus.tensor;

/** What one element of a tensor is. Arithmetic on {@link #BF16} accumulates in float32. */
public enum DType {
  /** IEEE 754 single precision: activations, parameters, gradients. */
  F32(0, 4),
  /** The upper half of a float32: storage of activations in mixed precision. */
  BF16(1, 2),
  /** Signed 32-bit integers: class labels. */
  I32(2, 4),
  /** Unsigned bytes: the window position a max-pool kept. */
  U8(3, 1);

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

  /** Bytes one element takes. */
  public int bytes() {
    return bytes;
  }
}
