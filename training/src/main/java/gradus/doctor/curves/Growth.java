package gradus.doctor.curves;

import gradus.doctor.Trend;

/**
 * How a number grows.
 *
 * @param slope of the straight line through the points
 * @param certain whether noise around no growth, or a fall, would come to this slope in less than
 *     one of a thousand cases (Student's t)
 */
record Growth(double slope, boolean certain) {
  /** Student's t that is exceeded in one of a thousand cases, by degrees of freedom from 1. */
  private static final double[] EXCEEDED = {
    318, 22.3, 10.2, 7.17, 5.89, 5.21, 4.79, 4.50, 4.30, 4.14, 4.02
  };

  /** Through at least three points. */
  static Growth of(double[] x, double[] y) {
    Trend trend = Trend.of(x, y);
    double mean = Trend.mean(x);
    double squares = 0;
    for (double value : x) {
      squares += (value - mean) * (value - mean);
    }
    int freedom = x.length - 2;
    double error = trend.residual() * Math.sqrt((double) x.length / freedom) / Math.sqrt(squares);
    double exceeded = EXCEEDED[Math.min(freedom, EXCEEDED.length) - 1];
    return new Growth(trend.slope(), trend.slope() > exceeded * error);
  }
}
