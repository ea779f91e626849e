package gradus.data.npy;

import java.util.Locale;

/** The element types that are read and written, with NumPy's short names. */
public enum NpyType {
  /** {@code float32}. */
  F4(4),
  /** {@code float64}. */
  F8(8),
  /** {@code uint8}. */
  U1(1),
  /** {@code int32}. */
  I4(4),
  /** {@code int64}. */
  I8(8);

  private final int bytes;

  NpyType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether elements are whole numbers. */
  public boolean isInteger() {
    return this != F4 && this != F8;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
