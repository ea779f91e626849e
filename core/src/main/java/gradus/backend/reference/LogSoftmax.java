package gradus.backend.reference;

/** log(softmax) of a row, without overflow. */
final class LogSoftmax {
  private LogSoftmax() {}

  /** row[c] = row[c] - log(sum of exp(row)). A NaN, or an infinity above, makes the row NaN. */
  static void inPlace(double[] row) {
    double maximum = Double.NEGATIVE_INFINITY;
    for (double value : row) {
      maximum = Math.max(maximum, value);
    }
    double sum = 0;
    for (double value : row) {
      sum += Math.exp(value - maximum);
    }
    double logSum = maximum + Math.log(sum);
    for (int c = 0; c < row.length; c++) {
      row[c] -= logSum;
    }
  }
}
