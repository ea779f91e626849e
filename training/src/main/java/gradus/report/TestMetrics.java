package gradus.report;

import gradus.metric.Calibration;
import gradus.metric.CalibrationCounter;
import gradus.metric.ConfidentMistakes;
import gradus.metric.ConfusionMatrix;
import gradus.metric.Metric;
import gradus.metric.Mistake;
import java.nio.IntBuffer;
import java.util.List;

/**
 * What a report says about a trained model, counted batch by batch: give it to {@code
 * Evaluator.evaluate}. Memory does not grow with the examples.
 *
 * <p>A network that gives NaN or infinity has no classes to count. That fails nothing here, since
 * it comes at the end of a run whose other results are to be kept: {@link #isComplete} says so.
 */
public final class TestMetrics implements Metric {
  private static final int MISTAKES = 24;

  private final ConfusionMatrix confusion;
  private final CalibrationCounter calibration = new CalibrationCounter();
  private final ConfidentMistakes mistakes = new ConfidentMistakes(MISTAKES);
  private boolean finite = true;

  /** Nothing counted, for so many classes, from 2. */
  public TestMetrics(int classes) {
    confusion = new ConfusionMatrix(classes);
  }

  @Override
  public void add(float[] logits, int classes, IntBuffer labels) {
    finite = finite && isFinite(logits);
    if (finite) {
      confusion.add(logits, classes, labels);
      calibration.add(logits, classes, labels);
      mistakes.add(logits, classes, labels);
    }
  }

  private static boolean isFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }

  /** Whether there were examples, and every logit was a finite number. */
  public boolean isComplete() {
    return finite && confusion.examples() > 0;
  }

  /** How often each class was given to each. */
  public ConfusionMatrix confusion() {
    return confusion;
  }

  /** Accuracy against confidence, in 15 bins. */
  public Calibration calibration() {
    return calibration.calibration();
  }

  /** The 24 most confident mistakes at most, the worst first. */
  public List<Mistake> mistakes() {
    return mistakes.list();
  }
}
