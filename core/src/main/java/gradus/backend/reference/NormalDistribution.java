package gradus.backend.reference;

/** The standard normal distribution to the precision of a double, for GELU. */
final class NormalDistribution {
  private static final double SERIES_LIMIT = 3; // beyond it the continued fraction is precise
  private static final int FRACTION_TERMS = 100; // enough for 1e-15 at the limit

  private NormalDistribution() {}

  /** exp(-x^2 / 2) / sqrt(2 pi). */
  static double density(double x) {
    return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  /** The probability of a value up to x. */
  static double cumulative(double x) {
    if (Double.isNaN(x) || Double.isInfinite(x)) {
      return x > 0 ? 1 : x < 0 ? 0 : x;
    }
    if (Math.abs(x) < SERIES_LIMIT) {
      return 0.5 + density(x) * series(x);
    }
    double tail = density(x) / tailFraction(Math.abs(x));
    return x > 0 ? 1 - tail : tail;
  }

  /** x + x^3/3 + x^5/(3 5) + x^7/(3 5 7) + .. */
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int odd = 3; sum + term != sum || odd == 3; odd += 2) {
      term *= x * x / odd;
      sum += term;
    }
    return sum;
  }

  /** x + 1/(x + 2/(x + 3/(x + ..))). */
  private static double tailFraction(double x) {
    double fraction = x;
    for (int i = FRACTION_TERMS; i >= 1; i--) {
      fraction = x + i / fraction;
    }
    return fraction;
  }
}
