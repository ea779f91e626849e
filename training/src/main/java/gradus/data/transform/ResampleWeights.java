package gradus.data.transform;

/**
 * Which source pixels a pixel of the result is made of, along one axis: a triangle of half-width
 * {@code max(1, from / to)} source pixels around the place it comes from, cut at the border and
 * normalised.
 */
final class ResampleWeights {
  /** The first source pixel of each result pixel. */
  private final int[] first;

  /** The weights of each result pixel, from there on. */
  private final float[][] weights;

  private ResampleWeights(int[] first, float[][] weights) {
    this.first = first;
    this.weights = weights;
  }

  static ResampleWeights of(int from, int to) {
    int[] first = new int[to];
    float[][] weights = new float[to][];
    double scale = (double) from / to;
    double support = Math.max(1.0, scale);
    for (int i = 0; i < to; i++) {
      double center = (i + 0.5) * scale;
      int begin = Math.max(0, (int) (center - support + 0.5));
      int end = Math.min(from, (int) (center + support + 0.5));
      double[] raw = new double[end - begin];
      double sum = 0;
      for (int k = 0; k < raw.length; k++) {
        raw[k] = Math.max(0.0, 1.0 - Math.abs((begin + k + 0.5 - center) / support));
        sum += raw[k];
      }
      first[i] = begin;
      weights[i] = new float[raw.length];
      for (int k = 0; k < raw.length; k++) {
        weights[i][k] = (float) (raw[k] / sum);
      }
    }
    return new ResampleWeights(first, weights);
  }

  void applyToRow(float[] row, float[] result, int start) {
    for (int i = 0; i < first.length; i++) {
      float sum = 0;
      float[] w = weights[i];
      for (int k = 0; k < w.length; k++) {
        sum += w[k] * row[first[i] + k];
      }
      result[start + i] = sum;
    }
  }

  /** Row by row, so that the inner loop runs over neighbours in memory. */
  void applyToColumns(float[] rows, int width, float[] result, int start) {
    for (int i = 0; i < first.length; i++) {
      int to = start + i * width;
      float[] w = weights[i];
      for (int k = 0; k < w.length; k++) {
        int from = (first[i] + k) * width;
        float weight = w[k];
        for (int x = 0; x < width; x++) {
          result[to + x] += weight * rows[from + x];
        }
      }
    }
  }
}
