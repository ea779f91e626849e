package gradus.backend.reference;

/** The upper half of a float32. */
final class Bfloat16 {
  private Bfloat16() {}

  /** The nearest value bfloat16 can hold, of two the even one; NaN stays NaN. */
  static float round(float value) {
    if (Float.isNaN(value)) {
      return value;
    }
    int bits = Float.floatToRawIntBits(value);
    int roundedUp = bits + 0x7FFF + ((bits >>> 16) & 1);
    return Float.intBitsToFloat(roundedUp & 0xFFFF0000);
  }
}
