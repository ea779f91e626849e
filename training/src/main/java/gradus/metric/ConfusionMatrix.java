package gradus.metric;

import gradus.GradusException;
import java.nio.IntBuffer;

/**
 * How often an example of class i was given class j, and what follows from it: scores per class,
 * balanced accuracy, macro and weighted F1, by scikit-learn's definitions.
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
    requireClass("class", label);
    long predicted = 0;
    for (long[] row : counts) {
      predicted += row[label];
    }
    return ClassScores.of(counts[label][label], predicted, support(label));
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

  /** The mean F1 of the classes that have examples or were predicted. */
  public double macroF1() {
    requireExamples();
    double sum = 0;
    int present = 0;
    for (int c = 0; c < classes; c++) {
      sum += scores(c).f1();
      present += isPresent(c) ? 1 : 0;
    }
    return sum / present;
  }

  /** The mean F1 weighted by the examples of each class. */
  public double weightedF1() {
    requireExamples();
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      ClassScores scores = scores(c);
      sum += scores.f1() * scores.support();
    }
    return sum / examples;
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
      throw new GradusException("The confusion matrix is empty: add a batch first.");
    }
  }
}
