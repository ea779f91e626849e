package gradus.doctor.curves;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NonFiniteLossTest {
  private static Optional<Finding> examine(int finished, int nonFinite) {
    Curves curves = new MadeUpCurves(finished).train(e -> 2.0 / e).curves();
    return new NonFiniteLoss()
        .examine(new Curves(curves.epochs(), curves.classes(), 10, nonFinite));
  }

  @Test
  void namesTheEpochAndTheLikelyCause() {
    Finding later = examine(3, 4).orElseThrow();
    assertEquals(Diagnosis.LR_TOO_HIGH, later.diagnosis());
    assertEquals(Symptom.NON_FINITE, later.symptom());
    assertEquals(4, later.epoch());
    assertTrue(later.cause().contains("from epoch 4 on"), later.cause());
    assertTrue(later.cause().contains("unlikely"), later.cause());
    assertEquals(3, later.evidence().get(0).chart().lines().get(0).x().size());
  }

  @Test
  void inTheFirstEpochTheDataMayBeToBlame() {
    Finding first = examine(0, 1).orElseThrow();
    assertTrue(first.cause().contains("0 to 255"), first.cause());
  }

  @Test
  void numbersAreFine() {
    assertTrue(examine(3, 0).isEmpty());
  }
}
