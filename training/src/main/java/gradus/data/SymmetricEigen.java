package gradus.data;

import java.util.stream.IntStream;

/**
 * Eigenvalues of a small symmetric matrix, largest first, and its unit eigenvectors, one in each
 * row; by Jacobi's rotations. The largest component of a vector is positive.
 */
final class SymmetricEigen {
  private static final int MOST_SWEEPS = 100;
  private static final double NEGLIGIBLE = 1e-24;

  private final double[] values;
  private final double[][] vectors;

  private SymmetricEigen(double[] values, double[][] vectors) {
    this.values = values;
    this.vectors = vectors;
  }

  int size() {
    return values.length;
  }

  double value(int i) {
    return values[i];
  }

  /** Component {@code j} of the vector that belongs to value {@code i}. */
  double component(int i, int j) {
    return vectors[i][j];
  }

  static SymmetricEigen of(double[][] symmetric) {
    int n = symmetric.length;
    double[][] a = new double[n][];
    double[][] v = new double[n][n];
    for (int i = 0; i < n; i++) {
      a[i] = symmetric[i].clone();
      v[i][i] = 1;
    }
    for (int sweep = 0; sweep < MOST_SWEEPS && offDiagonal(a) > NEGLIGIBLE * diagonal(a); sweep++) {
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          rotate(a, v, p, q);
        }
      }
    }
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted((i, j) -> Double.compare(a[j][j], a[i][i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] values = new double[n];
    double[][] vectors = new double[n][];
    for (int i = 0; i < n; i++) {
      values[i] = a[order[i]][order[i]];
      vectors[i] = withPositiveLargest(v[order[i]]);
    }
    return new SymmetricEigen(values, vectors);
  }

  /** Makes a[p][q] zero; rows of {@code v} turn with it. */
  private static void rotate(double[][] a, double[][] v, int p, int q) {
    if (a[p][q] == 0) {
      return;
    }
    double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.hypot(theta, 1));
    double cos = 1 / Math.hypot(t, 1);
    double sin = t * cos;
    int n = a.length;
    for (int k = 0; k < n; k++) {
      double kp = a[k][p];
      double kq = a[k][q];
      a[k][p] = cos * kp - sin * kq;
      a[k][q] = sin * kp + cos * kq;
    }
    for (int k = 0; k < n; k++) {
      double pk = a[p][k];
      double qk = a[q][k];
      a[p][k] = cos * pk - sin * qk;
      a[q][k] = sin * pk + cos * qk;
      double vp = v[p][k];
      double vq = v[q][k];
      v[p][k] = cos * vp - sin * vq;
      v[q][k] = sin * vp + cos * vq;
    }
  }

  private static double[] withPositiveLargest(double[] vector) {
    double largest = 0;
    for (double component : vector) {
      largest = Math.abs(component) > Math.abs(largest) ? component : largest;
    }
    double sign = largest < 0 ? -1 : 1;
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= sign;
    }
    return vector;
  }

  private static double offDiagonal(double[][] a) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < i; j++) {
        sum += 2 * a[i][j] * a[i][j];
      }
    }
    return sum;
  }

  private static double diagonal(double[][] a) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i][i] * a[i][i];
    }
    return sum;
  }
}
