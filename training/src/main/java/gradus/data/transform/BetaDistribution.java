package gradus.data.transform;

import java.util.random.RandomGenerator;

/** Draws from Beta(alpha, alpha), as the share of one of two Gamma(alpha) numbers. */
final class BetaDistribution {
  private BetaDistribution() {}

  static double symmetric(double alpha, RandomGenerator random) {
    double first = logGamma(alpha, random);
    double second = logGamma(alpha, random);
    // In logarithms, because for a small alpha both numbers may be too small for a double.
    return 1 / (1 + Math.exp(second - first));
  }

  /** The logarithm of a Gamma(shape, 1) number (Marsaglia and Tsang 2000). */
  private static double logGamma(double shape, RandomGenerator random) {
    if (shape < 1) {
      // Gamma(a) is Gamma(a + 1) * U^(1/a); 1 - U is never 0.
      double u = 1 - random.nextDouble();
      return logGamma(shape + 1, random) + Math.log(u) / shape;
    }
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = 1 + c * x;
      if (v <= 0) {
        continue;
      }
      v = v * v * v;
      double u = 1 - random.nextDouble();
      if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
        return Math.log(d * v);
      }
    }
  }
}
