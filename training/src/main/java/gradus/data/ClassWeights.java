package gradus.data;

import gradus.GradusException;

/**
 * Weights for the classes of a loss, from how many samples of each class there are. Classes without
 * any sample get 0. The weights of the others have the mean 1.
 */
public final class ClassWeights {
  private ClassWeights() {}

  /**
   * {@code w[c]} proportional to {@code 1 / counts[c]}. Differs from scikit-learn's {@code
   * balanced} by one factor for all classes, which the weighted mean of a loss cancels.
   */
  public static float[] inverseFrequency(int... counts) {
    double[] weights = new double[counts.length];
    for (int c = 0; c < counts.length; c++) {
      weights[c] = counts[c] == 0 ? 0 : 1.0 / counts[c];
    }
    return normalized(counts, weights);
  }

  /**
   * {@code w[c]} proportional to {@code (1 - beta) / (1 - beta^counts[c])}, the inverse of the
   * effective number of samples (arXiv:1901.05555).
   *
   * @param beta 0 (all alike) to below 1 (towards inverse frequency); 0.9 to 0.9999 are usual
   */
  public static float[] effectiveNumber(double beta, int... counts) {
    if (!(beta >= 0 && beta < 1)) {
      throw new GradusException(
          "ClassWeights: beta is " + beta + ", but must be from 0 to below 1; 0.999 is usual.");
    }
    double[] weights = new double[counts.length];
    for (int c = 0; c < counts.length; c++) {
      // expm1 and log: 1 - beta^n loses all digits when beta is close to 1 and n is small.
      double effective = beta == 0 ? 1 : -Math.expm1(counts[c] * Math.log(beta)) / (1 - beta);
      weights[c] = counts[c] == 0 ? 0 : 1 / effective;
    }
    return normalized(counts, weights);
  }

  private static float[] normalized(int[] counts, double[] weights) {
    double sum = 0;
    int present = 0;
    for (int c = 0; c < counts.length; c++) {
      if (counts[c] < 0) {
        throw new GradusException("ClassWeights: class " + c + " has " + counts[c] + " samples.");
      }
      sum += weights[c];
      present += counts[c] > 0 ? 1 : 0;
    }
    if (present == 0) {
      throw new GradusException("ClassWeights: no class has a sample.");
    }
    float[] result = new float[weights.length];
    for (int c = 0; c < result.length; c++) {
      result[c] = (float) (weights[c] * present / sum);
    }
    return result;
  }
}
