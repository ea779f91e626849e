package gradus.metric;

/**
 * How a classifier does on one class. A quotient without examples is 0, as scikit-learn's default.
 *
 * @param precision the share of examples given this class that are of it
 * @param recall the share of examples of this class that are given it
 * @param f1 the harmonic mean of both: {@code 2 hits / (predicted + support)}
 * @param support examples of the class
 */
public record ClassScores(double precision, double recall, double f1, long support) {
  static ClassScores of(long hits, long predicted, long support) {
    return new ClassScores(
        share(hits, predicted),
        share(hits, support),
        share(2 * hits, predicted + support),
        support);
  }

  private static double share(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }
}
