package gradus.backend.tck;

import gradus.tensor.DType;

/**
 * How far a float32 result may lie from the reference's: {@code roundings} units of the last place
 * of the size that rounding acts on. NaN and infinities must agree exactly.
 *
 * <p>For a sum of products that size is not the result, which may be small by cancellation, but the
 * same sum of absolute values: the case is run on the reference a second time with them.
 *
 * @param roundings how many units
 * @param floor sizes below it count as it
 * @param bySum whether the size is that of the sum of absolute values
 * @param rounded BF16 or F16 where results are rounded to that at last, otherwise F32
 */
public record Tolerance(double roundings, double floor, boolean bySum, DType rounded) {
  private static final double EPSILON = Math.ulp(1f);

  /** Sums of random rounding errors grow with the root of their length; 4 leaves room for order. */
  private static final double ROUNDINGS_PER_ROOT_TERM = 4;

  /** The same number. */
  public static final Tolerance EXACT = new Tolerance(0, 0, false);

  private static final double LEAST_HALF = 0x1p-24;

  /** Of results that are not rounded further. */
  Tolerance(double roundings, double floor, boolean bySum) {
    this(roundings, floor, bySum, DType.F32);
  }

  /** For an op that is linear in each of its inputs, with so many products per result. */
  public static Tolerance sum(long terms) {
    return new Tolerance(
        ROUNDINGS_PER_ROOT_TERM * Math.sqrt((double) Math.max(terms, 1)), Float.MIN_NORMAL, true);
  }

  /** A part of the sum of absolute values. */
  public static Tolerance ofMagnitude(double part) {
    return new Tolerance(part / EPSILON, Float.MIN_NORMAL, true);
  }

  /** The same of results in bfloat16: they may lie on the other side of a tie. */
  public Tolerance packed() {
    return new Tolerance(roundings, floor, bySum, DType.BF16);
  }

  /** The same with float16 for bfloat16. */
  Tolerance inFloat16() {
    return rounded == DType.BF16 ? new Tolerance(roundings, floor, bySum, DType.F16) : this;
  }

  /** The same, where sizes below {@code size} count as it. */
  public Tolerance floor(double size) {
    return new Tolerance(roundings, size, bySum, rounded);
  }

  /** So many units of the last place of the result, or of 1 where the result is smaller. */
  public static Tolerance roundings(double units) {
    return new Tolerance(units, 1, false);
  }

  /** For a result of order 1 made of sums of so many terms of order 1. */
  public static Tolerance normalizedSum(long terms) {
    return roundings(ROUNDINGS_PER_ROOT_TERM * Math.sqrt((double) Math.max(terms, 1)));
  }

  /**
   * For a sum of so many terms of order 1 and either sign: its partial sums wander to the root of
   * their number, and so do the rounding errors of each.
   */
  public static Tolerance cancellingSum(long terms) {
    return roundings((double) Math.max(terms, 8));
  }

  /** A part of the result, whatever its size; what is next to denormal may be flushed to zero. */
  public static Tolerance relative(double part) {
    return new Tolerance(part / EPSILON, 1e-30, false);
  }

  /** Whether {@code actual} is near enough; {@code magnitude} is the sum of absolute values. */
  public boolean accepts(float expected, float actual, float magnitude) {
    if (Float.isNaN(expected) || Float.isInfinite(expected)) {
      return Float.compare(expected, actual) == 0;
    }
    return Math.abs((double) expected - actual) <= allowed(expected, magnitude);
  }

  /** The largest difference accepted. */
  public double allowed(float expected, float magnitude) {
    double size = bySum ? magnitude : Math.abs(expected);
    double part = roundings * EPSILON * Math.max(size, floor);
    return part + lastPlace(Math.max(size, floor));
  }

  /** A unit of it, of the type that results of that size are rounded to. */
  private double lastPlace(double size) {
    return switch (rounded) {
      case BF16 -> size * 0x1p-7;
      case F16 -> Math.max(size * 0x1p-10, LEAST_HALF);
      default -> 0;
    };
  }
}
