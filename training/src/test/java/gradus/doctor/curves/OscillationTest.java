package gradus.doctor.curves;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OscillationTest {
  @Test
  void jumpsOfALargeLossAreFound() {
    Curves curves = new MadeUpCurves(12).train(e -> e % 2 == 0 ? 1.8 : 1.0).curves();
    Finding finding = new Oscillation().examine(curves).orElseThrow();
    assertEquals(Diagnosis.LR_TOO_HIGH, finding.diagnosis());
    assertEquals(Symptom.OSCILLATING, finding.symptom());
    assertTrue(finding.cause().contains("rose 5 times"), finding.cause());
  }

  @Test
  void nearNothingTheyMeanNothing() {
    Curves curves = new MadeUpCurves(12).train(e -> e % 2 == 0 ? 0.02 : 0.01).curves();
    assertEquals(Optional.empty(), new Oscillation().examine(curves));
  }

  @Test
  void aFewEpochsAreTooFew() {
    Curves curves = new MadeUpCurves(8).train(e -> e % 2 == 0 ? 1.8 : 1.0).curves();
    assertEquals(Optional.empty(), new Oscillation().examine(curves));
  }

  @Test
  void aWildValidationAloneIsNone() {
    Curves curves =
        new MadeUpCurves(12)
            .train(e -> 1.0 + 1.0 / e)
            .validation(e -> e % 2 == 0 ? 3 : 1, e -> 0.5)
            .curves();
    assertEquals(Optional.empty(), new Oscillation().examine(curves));
  }
}
