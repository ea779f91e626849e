package gradus.doctor;

/**
 * The straight line of least squares through a few points.
 *
 * @param slope per unit of x
 * @param residual the standard deviation around the line
 */
public record Trend(double slope, double residual) {
  /** Through values one unit apart. */
  public static Trend of(double... y) {
    double[] x = new double[y.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = i;
    }
    return of(x, y);
  }

  /** Through pairs, at least two of them. */
  public static Trend of(double[] x, double[] y) {
    double meanX = mean(x);
    double meanY = mean(y);
    double xx = 0;
    double xy = 0;
    for (int i = 0; i < x.length; i++) {
      xx += (x[i] - meanX) * (x[i] - meanX);
      xy += (x[i] - meanX) * (y[i] - meanY);
    }
    double slope = xx == 0 ? 0 : xy / xx;
    double squares = 0;
    for (int i = 0; i < x.length; i++) {
      double rest = y[i] - meanY - slope * (x[i] - meanX);
      squares += rest * rest;
    }
    return new Trend(slope, Math.sqrt(squares / x.length));
  }

  /** The mean. */
  public static double mean(double... values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
