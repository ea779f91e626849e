package gradus.doctor.curves;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DivergenceTest {
  @Test
  void aLossFarAboveGuessingDiverges() {
    Curves curves = new MadeUpCurves(4).train(e -> 2.0 * e).curves();
    Finding finding = new Divergence().examine(curves).orElseThrow();
    assertEquals(Diagnosis.LR_TOO_HIGH, finding.diagnosis());
    assertEquals(Symptom.DIVERGING, finding.symptom());
    assertTrue(finding.cause().contains("guessing costs 2.303"), finding.cause());
    assertEquals("--warmup 1 --clip-norm 1", finding.remedy().option());
    Curves known = new MadeUpCurves(4).train(e -> 2.0 * e).rate(e -> 0.3).curves();
    finding = new Divergence().examine(known).orElseThrow();
    assertEquals("--lr 0.03 --warmup 1", finding.remedy().option());
    assertEquals("optimizer.setLearningRate(0.03)", finding.remedy().java());
  }

  @Test
  void aLossFarAboveItsBestDiverges() {
    Curves curves = new MadeUpCurves(6).train(e -> e < 5 ? 1.0 / e : 1.8).curves();
    assertTrue(new Divergence().examine(curves).isPresent());
    Curves unknown = new MadeUpCurves(6).classes(0).train(e -> e < 5 ? 1.0 / e : 3).curves();
    Finding finding = new Divergence().examine(unknown).orElseThrow();
    assertTrue(finding.cause().contains("it began at 1"), finding.cause());
  }

  @Test
  void aBumpNearNothingIsNone() {
    Curves curves = new MadeUpCurves(6).train(e -> e < 5 ? 0.1 / e : 0.3).curves();
    assertEquals(Optional.empty(), new Divergence().examine(curves));
    Curves single = new MadeUpCurves(1).train(e -> 9).curves();
    assertEquals(Optional.empty(), new Divergence().examine(single));
  }
}
