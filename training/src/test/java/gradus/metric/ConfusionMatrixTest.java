package gradus.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.nio.IntBuffer;
import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {
  /** Rows are labels: 0 has 3 right and 1 taken for 1; 1 has 2 and 2; 2 is absent, 3 unused. */
  private static ConfusionMatrix example() {
    ConfusionMatrix matrix = new ConfusionMatrix(4);
    int[][] pairs = {{0, 0}, {0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 1}, {1, 0}, {1, 2}};
    for (int[] pair : pairs) {
      matrix.add(pair[0], pair[1]);
    }
    return matrix;
  }

  @Test
  void scoresPerClass() {
    ConfusionMatrix matrix = example();
    assertEquals(new ClassScores(3 / 4.0, 3 / 4.0, 6 / 8.0, 4), matrix.scores(0));
    assertEquals(new ClassScores(2 / 3.0, 2 / 4.0, 4 / 7.0, 4), matrix.scores(1));
    assertEquals(new ClassScores(0, 0, 0, 0), matrix.scores(2), "predicted, but absent");
    assertEquals(new ClassScores(0, 0, 0, 0), matrix.scores(3), "neither");
    assertEquals(1, matrix.count(1, 2));
    assertEquals(8, matrix.examples());
  }

  @Test
  void meansOverTheClasses() {
    ConfusionMatrix matrix = example();
    assertEquals(5 / 8.0, matrix.accuracy());
    assertEquals((0.75 + 0.5) / 2, matrix.balancedAccuracy(), 1e-12, "classes with examples");
    assertEquals((0.75 + 4 / 7.0 + 0) / 3, matrix.macroF1(), 1e-12, "and predicted ones");
    assertEquals((0.75 * 4 + 4 / 7.0 * 4) / 8, matrix.weightedF1(), 1e-12);
    assertEquals((3 / 4.0 + 2 / 3.0 + 0) / 3, matrix.macroPrecision(), 1e-12);
    assertEquals((3 / 4.0 + 1 / 2.0 + 0) / 3, matrix.macroRecall(), 1e-12);
    assertEquals((3 / 4.0 * 4 + 2 / 3.0 * 4) / 8, matrix.weightedPrecision(), 1e-12);
    assertEquals(5 / 8.0, matrix.weightedRecall(), 1e-12);
    assertEquals(5 / 8.0, matrix.microF1());
  }

  /** 5 of 8 right; labels (4 4 0 0), predictions (4 3 1 0): the sum of products is 28. */
  @Test
  void agreementBeyondChance() {
    ConfusionMatrix matrix = example();
    assertEquals((40 - 28) / (64 - 28.0), matrix.cohenKappa(), 1e-12);
    double mcc = (5 * 8 - 28) / Math.sqrt((64 - (16 + 9 + 1)) * (64 - (16 + 16.0)));
    assertEquals(mcc, matrix.matthewsCorrelation(), 1e-12);
  }

  @Test
  void withoutASecondClassThereIsNoAgreementBeyondChance() {
    ConfusionMatrix matrix = new ConfusionMatrix(2);
    matrix.add(1, 1);
    assertEquals(Double.NaN, matrix.cohenKappa());
    assertEquals(0, matrix.matthewsCorrelation());
    matrix.add(0, 1);
    assertEquals(0, matrix.cohenKappa(), 1e-12, "always one answer");
    assertEquals(0, matrix.matthewsCorrelation());
  }

  @Test
  void aSingleClassIsAllThereIs() {
    ConfusionMatrix matrix = new ConfusionMatrix(2);
    matrix.add(1, 1);
    assertEquals(1, matrix.accuracy());
    assertEquals(1, matrix.balancedAccuracy());
    assertEquals(1, matrix.macroF1());
  }

  @Test
  void logitsPredictTheirFirstMaximum() {
    ConfusionMatrix matrix = new ConfusionMatrix(3);
    matrix.add(
        new float[] {1, 5, 2, /**/ 4, 4, 0, /**/ -3, -2, -1},
        3,
        IntBuffer.wrap(new int[] {1, 1, 2, 99}));
    assertEquals(1, matrix.count(1, 1));
    assertEquals(1, matrix.count(1, 0), "of equals the first");
    assertEquals(1, matrix.count(2, 2));
    assertEquals(3, matrix.examples());
  }

  @Test
  void misuseIsRefused() {
    ConfusionMatrix matrix = new ConfusionMatrix(3);
    assertThrows(GradusException.class, matrix::accuracy, "before any batch");
    assertThrows(GradusException.class, matrix::macroF1);
    assertThrows(GradusException.class, matrix::weightedPrecision);
    assertThrows(GradusException.class, matrix::cohenKappa);
    assertThrows(GradusException.class, matrix::matthewsCorrelation);
    assertThrows(GradusException.class, () -> matrix.add(3, 0));
    assertThrows(GradusException.class, () -> matrix.add(0, -1));
    IntBuffer label = IntBuffer.wrap(new int[] {0});
    assertThrows(GradusException.class, () -> matrix.add(new float[] {1, 2}, 2, label));
    assertThrows(GradusException.class, () -> matrix.add(new float[] {1, Float.NaN, 0}, 3, label));
    assertThrows(GradusException.class, () -> new ConfusionMatrix(1));
  }

  @Test
  void scoresBeforeAnyExampleAreRefused() {
    GradusException refused =
        assertThrows(GradusException.class, () -> new ConfusionMatrix(3).scores(1));
    assertTrue(refused.getMessage().contains("Evaluator.evaluate"), refused.getMessage());
  }
}
