package gradus.doctor.curves;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FlatLossTest {
  private static final double GUESSING = Math.log(10);

  private static Optional<Finding> examine(MadeUpCurves curves) {
    return new FlatLoss().examine(curves.curves());
  }

  @Test
  void neitherUpNorDownIsMostOftenARateTooHigh() {
    Finding finding =
        examine(new MadeUpCurves(6).train(e -> GUESSING + 0.003 * Math.sin(9 * e))).orElseThrow();
    assertEquals(Diagnosis.LR_TOO_HIGH, finding.diagnosis());
    assertEquals(Symptom.FLAT, finding.symptom());
    assertEquals(CurveRule.A_GUESS, finding.confidence());
  }

  @Test
  void hardlyButSteadilyDownIsARateTooLow() {
    Finding finding = examine(new MadeUpCurves(6).train(e -> 2.303 - 0.004 * e)).orElseThrow();
    assertEquals(Diagnosis.LR_TOO_LOW, finding.diagnosis());
  }

  /** A rate that comes to rest quietens the noise: that is no learning. */
  @Test
  void downToGuessingFromAboveIsARateTooHigh() {
    Finding finding = examine(new MadeUpCurves(6).train(e -> GUESSING + 0.06 / e)).orElseThrow();
    assertEquals(Diagnosis.LR_TOO_HIGH, finding.diagnosis());
    assertEquals(CurveRule.ONE_STATISTIC, finding.confidence());
  }

  @Test
  void toAllDigitsTheSameWithATinyRateIsARateTooLow() {
    Finding finding =
        examine(new MadeUpCurves(3).train(e -> 2.31 - 1e-6 * e).rate(e -> 1e-6 / e)).orElseThrow();
    assertEquals(Diagnosis.LR_TOO_LOW, finding.diagnosis());
    assertTrue(finding.cause().contains("at most 1.0e-06"), finding.cause());
    assertEquals(
        Diagnosis.PARAMETERS_NOT_UPDATING,
        examine(new MadeUpCurves(3).train(e -> 2.31).rate(e -> 0.01)).orElseThrow().diagnosis());
  }

  @Test
  void toAllDigitsTheSameIsNoUpdate() {
    Finding finding = examine(new MadeUpCurves(6).train(e -> 2.4142 + 1e-7 * e)).orElseThrow();
    assertEquals(Diagnosis.PARAMETERS_NOT_UPDATING, finding.diagnosis());
  }

  @Test
  void learningIsNotFlat() {
    assertEquals(Optional.empty(), examine(new MadeUpCurves(4).train(e -> 2.303 - 0.1 * e)));
    assertEquals(Optional.empty(), examine(new MadeUpCurves(2).train(e -> 2.303)));
  }

  /** Without the number of classes a flat loss is judged by the accuracy, or by its height. */
  @Test
  void aRunThatHasLearnedAllIsFlatToo() {
    MadeUpCurves done = new MadeUpCurves(6).classes(0).train(e -> 0.05 + 1e-4 * (e % 2));
    assertEquals(Optional.empty(), examine(done));
    assertTrue(examine(new MadeUpCurves(6).classes(0).train(e -> 2.3)).isPresent());
    assertEquals(
        Optional.empty(), examine(new MadeUpCurves(6).classes(0).train(e -> 2.3, l -> 0.9)));
    assertTrue(examine(new MadeUpCurves(6).classes(0).train(e -> 0.6931, l -> 0.5)).isPresent());
  }
}
