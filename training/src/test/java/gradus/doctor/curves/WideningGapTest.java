package gradus.doctor.curves;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WideningGapTest {
  private static MadeUpCurves curves(double rise, double validationAccuracyGrowth) {
    return new MadeUpCurves(20)
        .train(e -> 2.3 * Math.exp(-0.2 * e), MadeUpCurves::accuracy)
        .validation(
            e -> e <= 8 ? 1.5 - 0.1 * e : 0.7 + rise * (e - 8),
            e -> e <= 8 ? 0.4 + 0.04 * e : 0.72 + validationAccuracyGrowth * (e - 8));
  }

  @Test
  void learningByHeartIsFoundWithTheBestEpoch() {
    Finding finding = new WideningGap().examine(curves(0.05, -0.001).curves()).orElseThrow();
    assertEquals(Diagnosis.OVERFITTING, finding.diagnosis());
    assertEquals(Symptom.RISING, finding.symptom());
    assertTrue(finding.isDiagnosis());
    assertTrue(finding.cause().contains("lowest in epoch 8"), finding.cause());
    assertEquals(2, finding.evidence().get(0).chart().lines().size());
  }

  @Test
  void whileTheAccuracyGrowsItIsANote() {
    Finding finding = new WideningGap().examine(curves(0.05, 0.004).curves()).orElseThrow();
    assertEquals(Finding.Role.NOTE, finding.role());
  }

  @Test
  void aSmallRiseOrASmallGapIsNothing() {
    assertEquals(Optional.empty(), new WideningGap().examine(curves(0.004, 0).curves()));
    Curves close =
        curves(0.05, 0).validation(e -> e <= 8 ? 0.1 : 0.1 + 0.01 * (e - 8), e -> 0.97).curves();
    assertEquals(Optional.empty(), new WideningGap().examine(close));
  }

  @Test
  void withoutAccuraciesTheLossesDecide() {
    Curves curves =
        new MadeUpCurves(20)
            .train(e -> 2.3 * Math.exp(-0.2 * e))
            .validation(e -> e <= 8 ? 0.7 : 0.7 + 0.05 * (e - 8), e -> Double.NaN)
            .curves();
    assertTrue(new WideningGap().examine(curves).orElseThrow().isDiagnosis());
  }
}
