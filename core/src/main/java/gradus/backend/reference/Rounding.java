package gradus.backend.reference;

import gradus.tensor.DType;

/** To the floats that have fewer bits than float32. */
final class Rounding {
  private static final double LARGEST_HALF = 65504;
  private static final int LEAST_HALF_EXPONENT = -14;
  private static final int HALF_FRACTION_BITS = 10;

  private Rounding() {}

  /** The nearest value that BF16 or F16 can hold, of two the even one; NaN stays NaN. */
  static float nearest(float value, DType type) {
    if (Float.isNaN(value) || Float.isInfinite(value)) {
      return value;
    }
    return type == DType.F16 ? half(value) : bfloat16(value);
  }

  /** The upper half of the bits. */
  private static float bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int roundedUp = bits + 0x7FFF + ((bits >>> 16) & 1);
    return Float.intBitsToFloat(roundedUp & 0xFFFF0000);
  }

  /** A multiple of the distance between its neighbours, which is the same below 2^-14. */
  private static float half(float value) {
    int exponent = Math.max(Math.getExponent(value), LEAST_HALF_EXPONENT);
    double step = Math.scalb(1.0, exponent - HALF_FRACTION_BITS);
    double rounded = Math.rint(value / step) * step;
    return Math.abs(rounded) > LARGEST_HALF
        ? Math.copySign(Float.POSITIVE_INFINITY, value)
        : (float) rounded;
  }
}
