package gradus.metric;

import gradus.GradusException;
import java.nio.IntBuffer;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;

/**
 * How often an example of class i was given class j, and what follows from it: scores per class,
 * balanced accuracy, means of the scores, agreement beyond chance, by scikit-learn's definitions.
 */
public final class ConfusionMatrix implements Metric {
  private final int classes;
  private final long[][] counts;
  private long examples;

  /** An empty matrix for so many classes, from 2. */
  public ConfusionMatrix(int classes) {
    if (classes < 2) {
      throw new GradusException(
          "A confusion matrix of " + classes + " classes says nothing: at least 2 are needed.");
    }
    this.classes = classes;
    this.counts = new long[classes][classes];
  }

  /** The predicted class is the first of the largest logits; NaN is refused. */
  @Override
  public void add(float[] logits, int outputs, IntBuffer labels) {
    if (outputs != classes) {
      throw new GradusException(
          "The confusion matrix is for "
              + classes
              + " classes, but the network has "
              + outputs
              + " outputs.");
    }
    for (int row = 0; row < logits.length / classes; row++) {
      add(labels.get(row), firstMaximum(logits, row * classes));
    }
  }

  /** Counts one example. */
  public void add(int actual, int predicted) {
    requireClass("label", actual);
    requireClass("prediction", predicted);
    counts[actual][predicted]++;
    examples++;
  }

  private void requireClass(String what, int value) {
    if (value < 0 || value >= classes) {
      throw new GradusException(
          "A " + what + " is " + value + ", but there are " + classes + " classes from 0.");
    }
  }

  private int firstMaximum(float[] logits, int first) {
    int best = 0;
    for (int c = 0; c < classes; c++) {
      float value = logits[first + c];
      if (Float.isNaN(value)) {
        throw new GradusException(
            "The logit of class " + c + " is NaN: the network has diverged, load earlier weights.");
      }
      best = value > logits[first + best] ? c : best;
    }
    return best;
  }

  /** Examples of {@code actual} that were given {@code predicted}. */
  public long count(int actual, int predicted) {
    return counts[actual][predicted];
  }

  /** Examples counted. */
  public long examples() {
    return examples;
  }

  /** How the classifier does on one class. */
  public ClassScores scores(int label) {
    requireExamples();
    requireClass("class", label);
    return ClassScores.of(counts[label][label], predicted(label), support(label));
  }

  private long predicted(int label) {
    long sum = 0;
    for (long[] row : counts) {
      sum += row[label];
    }
    return sum;
  }

  private long support(int label) {
    long sum = 0;
    for (long count : counts[label]) {
      sum += count;
    }
    return sum;
  }

  /** The share that is right. */
  public double accuracy() {
    requireExamples();
    long right = 0;
    for (int c = 0; c < classes; c++) {
      right += counts[c][c];
    }
    return (double) right / examples;
  }

  /** The mean recall of the classes that have examples. */
  public double balancedAccuracy() {
    requireExamples();
    double sum = 0;
    int present = 0;
    for (int c = 0; c < classes; c++) {
      ClassScores scores = scores(c);
      sum += scores.recall();
      present += scores.support() > 0 ? 1 : 0;
    }
    return sum / present;
  }

  /** The mean precision of the classes that have examples or were predicted. */
  public double macroPrecision() {
    return macro(ClassScores::precision);
  }

  /** The mean recall of the classes that have examples or were predicted. */
  public double macroRecall() {
    return macro(ClassScores::recall);
  }

  /** The mean F1 of the classes that have examples or were predicted. */
  public double macroF1() {
    return macro(ClassScores::f1);
  }

  /** The mean precision weighted by the examples of each class. */
  public double weightedPrecision() {
    return weighted(ClassScores::precision);
  }

  /** The mean recall weighted by the examples of each class, which is the accuracy. */
  public double weightedRecall() {
    return weighted(ClassScores::recall);
  }

  /** The mean F1 weighted by the examples of each class. */
  public double weightedF1() {
    return weighted(ClassScores::f1);
  }

  /** F1 of all decisions thrown together; with one label per example that is the accuracy. */
  public double microF1() {
    return accuracy();
  }

  private double macro(ToDoubleFunction<ClassScores> score) {
    requireExamples();
    double sum = 0;
    int present = 0;
    for (int c = 0; c < classes; c++) {
      sum += score.applyAsDouble(scores(c));
      present += isPresent(c) ? 1 : 0;
    }
    return sum / present;
  }

  private double weighted(ToDoubleFunction<ClassScores> score) {
    requireExamples();
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      ClassScores scores = scores(c);
      sum += score.applyAsDouble(scores) * scores.support();
    }
    return sum / examples;
  }

  /**
   * Cohen's kappa, how far the agreement goes beyond chance: {@code (accuracy - chance) / (1 -
   * chance)} with {@code chance = sum_c predicted[c] support[c] / n^2}. NaN where all labels and
   * predictions are one class.
   */
  public double cohenKappa() {
    requireExamples();
    double square = (double) examples * examples;
    double chance = product((actual, predicted) -> (double) actual * predicted) / square;
    return (accuracy() - chance) / (1 - chance);
  }

  /**
   * Matthews correlation coefficient of labels and predictions, from -1 to 1, for any number of
   * classes (Gorodkin 2004); 0 where all labels, or all predictions, are one class.
   */
  public double matthewsCorrelation() {
    requireExamples();
    double square = (double) examples * examples;
    double both = product((actual, predicted) -> (double) actual * predicted);
    double ofLabels = square - product((actual, predicted) -> (double) actual * actual);
    double ofPredictions = square - product((actual, predicted) -> (double) predicted * predicted);
    double scale = Math.sqrt(ofLabels * ofPredictions);
    return scale == 0 ? 0 : (accuracy() * square - both) / scale;
  }

  /** The sum over the classes of a product of how often each is a label and is predicted. */
  private double product(ToDoubleBiFunction<Long, Long> term) {
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += term.applyAsDouble(support(c), predicted(c));
    }
    return sum;
  }

  private boolean isPresent(int label) {
    for (int c = 0; c < classes; c++) {
      if (counts[label][c] > 0 || counts[c][label] > 0) {
        return true;
      }
    }
    return false;
  }

  private void requireExamples() {
    if (examples == 0) {
      throw new GradusException(
          "The confusion matrix is empty: give it to Evaluator.evaluate, or add a batch, first.");
    }
  }
}
