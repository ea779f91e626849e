package gradus.metric;

import gradus.GradusException;
import java.nio.IntBuffer;
import java.util.Arrays;

/**
 * The class probabilities of every example beside its label: what ranking metrics ({@link RocAuc},
 * {@link AveragePrecision}) and probability metrics ({@link LogLoss}, {@link Calibration}) are
 * computed from. Holds 8 bytes per example and class.
 */
public final class Predictions implements Metric {
  private static final int FIRST_CAPACITY = 256;

  /** How far a row of probabilities may sum up from 1; float rounding stays far below. */
  private static final double SUM_TOLERANCE = 1e-4;

  private final int classes;
  private double[] probabilities;
  private int[] labels = new int[FIRST_CAPACITY];
  private int examples;

  /** None yet, of so many classes, from 2. */
  public Predictions(int classes) {
    if (classes < 2) {
      throw new GradusException(
          "Predictions of " + classes + " classes say nothing: at least 2 are needed.");
    }
    this.classes = classes;
    this.probabilities = new double[FIRST_CAPACITY * classes];
  }

  /** Takes logits in, as their softmax; NaN and infinity are refused. */
  @Override
  public void add(float[] logits, int outputs, IntBuffer batchLabels) {
    if (outputs != classes) {
      throw new GradusException(
          "Predictions are of "
              + classes
              + " classes, but the network has "
              + outputs
              + " outputs.");
    }
    double[] row = new double[classes];
    for (int n = 0; n < logits.length / classes; n++) {
      softmax(logits, n * classes, row);
      add(batchLabels.get(n), row);
    }
  }

  private void softmax(float[] logits, int first, double[] row) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      if (!Float.isFinite(logits[first + c])) {
        throw new GradusException(
            "The logit of class "
                + c
                + " is "
                + logits[first + c]
                + ": the network has diverged, load earlier weights.");
      }
      largest = Math.max(largest, logits[first + c]);
    }
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      row[c] = Math.exp(logits[first + c] - largest);
      sum += row[c];
    }
    for (int c = 0; c < classes; c++) {
      row[c] /= sum;
    }
  }

  /** Takes one example in: its label and a probability per class, with the sum 1. */
  public void add(int label, double... row) {
    if (label < 0 || label >= classes || row.length != classes) {
      throw new GradusException(
          "A prediction has the label "
              + label
              + " and "
              + row.length
              + " probabilities, but there are "
              + classes
              + " classes from 0.");
    }
    double sum = 0;
    for (double probability : row) {
      sum += probability >= 0 ? probability : Double.NaN;
    }
    if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
      throw new GradusException(
          "Probabilities are " + Arrays.toString(row) + ", but must be from 0 with the sum 1.");
    }
    if (examples == labels.length) {
      labels = Arrays.copyOf(labels, Math.multiplyExact(2, examples));
      probabilities = Arrays.copyOf(probabilities, Math.multiplyExact(labels.length, classes));
    }
    labels[examples] = label;
    System.arraycopy(row, 0, probabilities, examples * classes, classes);
    examples++;
  }

  /** How many classes there are. */
  public int classes() {
    return classes;
  }

  /** How many examples were taken in. */
  public int examples() {
    return examples;
  }

  /** The label of an example. */
  public int label(int example) {
    return labels[example];
  }

  /** The probability an example was given for a class. */
  public double probability(int example, int label) {
    return probabilities[example * classes + label];
  }

  /** The first of the most probable classes. */
  public int predicted(int example) {
    int best = 0;
    for (int c = 1; c < classes; c++) {
      best = probability(example, c) > probability(example, best) ? c : best;
    }
    return best;
  }

  /** How many examples have this label. */
  public int support(int label) {
    int count = 0;
    for (int i = 0; i < examples; i++) {
      count += labels[i] == label ? 1 : 0;
    }
    return count;
  }

  /**
   * The share of examples whose label is among the k most probable classes; ties as {@link
   * TopKAccuracy}.
   */
  public double topK(int k) {
    requireExamples("The top-" + k + " accuracy");
    int right = 0;
    for (int i = 0; i < examples; i++) {
      double own = probability(i, labels[i]);
      int before = 0;
      for (int c = 0; c < classes; c++) {
        double other = probability(i, c);
        before += other > own || (other == own && c < labels[i]) ? 1 : 0;
      }
      right += before < k ? 1 : 0;
    }
    return (double) right / examples;
  }

  /** The same predictions, counted. */
  public ConfusionMatrix confusion() {
    ConfusionMatrix matrix = new ConfusionMatrix(classes);
    for (int i = 0; i < examples; i++) {
      matrix.add(labels[i], predicted(i));
    }
    return matrix;
  }

  void requireExamples(String metric) {
    if (examples == 0) {
      throw new GradusException(
          metric
              + " is asked for before any example: give the predictions to Evaluator.evaluate, or"
              + " add a batch, first.");
    }
  }

  /** One class against all others. */
  Ranking oneVsRest(int label) {
    Ranking ranking = new Ranking(examples);
    for (int i = 0; i < examples; i++) {
      ranking.add(probability(i, label), labels[i] == label);
    }
    return ranking;
  }

  /** One class against one other; examples of further classes are left out. */
  Ranking oneVsOne(int label, int other) {
    Ranking ranking = new Ranking(support(label) + support(other));
    for (int i = 0; i < examples; i++) {
      if (labels[i] == label || labels[i] == other) {
        ranking.add(probability(i, label), labels[i] == label);
      }
    }
    return ranking;
  }
}
