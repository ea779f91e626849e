package gradus.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.nio.IntBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValidationMetricTest {
  /** Of six classes 2 is never predicted, 3 never occurs, and 4 and 5 do neither. */
  private static final int[] LABELS = {0, 0, 0, 1, 1, 2};

  private static final int[] PREDICTED = {0, 0, 0, 0, 1, 3};

  /** Four examples of seven classes; the labels come first, third, fifth and sixth. */
  private static final float[] LOGITS = {
    9, 1, 2, 3, 4, 5, 6,
    8, 9, 7, 1, 2, 3, 4,
    1, 2, 3, 4, 9, 8, 7,
    7, 6, 5, 4, 3, 2, 1
  };

  private static final float[] OF_SIX = {1, 2, 3, 4, 5, 6};

  private static <M extends Metric> double value(
      ValidationMetric<M> metric, int classes, float[] logits, int... labels) {
    M counter = metric.counter().apply(classes);
    counter.add(logits, classes, IntBuffer.wrap(labels));
    return metric.value().applyAsDouble(counter);
  }

  private static double ofExamples(ValidationMetric<ConfusionMatrix> metric) {
    float[] logits = new float[6 * PREDICTED.length];
    for (int i = 0; i < PREDICTED.length; i++) {
      logits[6 * i + PREDICTED[i]] = 1;
    }
    return value(metric, 6, logits, LABELS);
  }

  /**
   * Per class: precision 3/4, 1, 0, 0; recall 1, 1/2, 0, 0; F1 6/7, 2/3, 0, 0. As scikit-learn with
   * {@code zero_division=0}: what has no examples counts 0, and the mean is over classes that occur
   * or are predicted, for balanced accuracy over those that occur.
   */
  @Test
  void classesThatNeverOccurOrAreNeverPredictedCountAsInScikitLearn() {
    assertEquals((3 / 4.0 + 1) / 4, ofExamples(ValidationMetric.MACRO_PRECISION), 1e-15);
    assertEquals((1 + 1 / 2.0) / 4, ofExamples(ValidationMetric.MACRO_RECALL), 1e-15);
    assertEquals((6 / 7.0 + 2 / 3.0) / 4, ofExamples(ValidationMetric.MACRO_F1), 1e-15);
    assertEquals((1 + 1 / 2.0) / 3, ofExamples(ValidationMetric.BALANCED_ACCURACY), 1e-15);
  }

  @Test
  void theLabelIsAmongTheFiveLargest() {
    assertEquals(3 / 4.0, value(ValidationMetric.TOP_5_ACCURACY, 7, LOGITS, 0, 2, 1, 4));
    assertEquals(2 / 4.0, value(ValidationMetric.TOP_5_ACCURACY, 7, LOGITS, 0, 3, 3, 6));
  }

  @Test
  void fiveClassesHaveNoTopFive() {
    String message =
        assertThrows(
                GradusException.class, () -> ValidationMetric.TOP_5_ACCURACY.counter().apply(5))
            .getMessage();
    assertTrue(message.contains("of 5 classes is always 1"), message);
    assertEquals(0, value(ValidationMetric.TOP_5_ACCURACY, 6, OF_SIX, 0));
    assertEquals(1, value(ValidationMetric.TOP_5_ACCURACY, 6, OF_SIX, 1));
  }

  @Test
  void theirNamesAreThoseOfTheClassificationReport() {
    Predictions predictions = new Predictions(6);
    predictions.add(OF_SIX, 6, IntBuffer.wrap(new int[] {0}));
    var names = ClassificationReport.of(predictions).summary().keySet();
    ValidationMetric.all().forEach(m -> assertTrue(names.contains(m.name()), m.name()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Macro F1", "kappa,2", "2kappa", "loss", "accuracy"})
  void namesThatFilesCannotHoldAreRefused(String name) {
    String message =
        assertThrows(
                GradusException.class,
                () ->
                    new ValidationMetric<>(
                        name, false, ConfusionMatrix::new, ConfusionMatrix::cohenKappa))
            .getMessage();
    assertTrue(message.contains("\"" + name + "\""), message);
  }
}
