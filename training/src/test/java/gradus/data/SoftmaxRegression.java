package gradus.data;

/** The plainest classifier: one linear layer, learned by stochastic gradient descent. */
final class SoftmaxRegression {
  private final int inputs;
  private final int classes;
  private final float[] weights;
  private final float[] biases;
  private final float[] input;

  SoftmaxRegression(int inputs, int classes) {
    this.inputs = inputs;
    this.classes = classes;
    weights = new float[inputs * classes];
    biases = new float[classes];
    input = new float[inputs];
  }

  private double[] probabilities(Sample sample) {
    sample.image().writeTo(input, 0);
    double[] p = new double[classes];
    double largest = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      float sum = biases[c];
      for (int i = 0; i < inputs; i++) {
        input[i] = c == 0 ? (input[i] - 0.5f) * 4 : input[i];
        sum += weights[c * inputs + i] * input[i];
      }
      p[c] = sum;
      largest = Math.max(largest, sum);
    }
    double total = 0;
    for (int c = 0; c < classes; c++) {
      p[c] = Math.exp(p[c] - largest);
      total += p[c];
    }
    for (int c = 0; c < classes; c++) {
      p[c] /= total;
    }
    return p;
  }

  void trainEpoch(Dataset dataset, int[] order, float learningRate) {
    for (int index : order) {
      Sample sample = dataset.get(index);
      double[] p = probabilities(sample);
      for (int c = 0; c < classes; c++) {
        float step = learningRate * (float) ((c == sample.label() ? 1 : 0) - p[c]);
        biases[c] += step;
        for (int i = 0; i < inputs; i++) {
          weights[c * inputs + i] += step * input[i];
        }
      }
    }
  }

  double accuracy(Dataset dataset) {
    int right = 0;
    for (int i = 0; i < dataset.size(); i++) {
      Sample sample = dataset.get(i);
      double[] p = probabilities(sample);
      int best = 0;
      for (int c = 1; c < classes; c++) {
        best = p[c] > p[best] ? c : best;
      }
      right += best == sample.label() ? 1 : 0;
    }
    return (double) right / dataset.size();
  }
}
