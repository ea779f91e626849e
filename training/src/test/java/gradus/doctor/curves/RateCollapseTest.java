package gradus.doctor.curves;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RateCollapseTest {
  private static Curves curves(int collapse, double lossAfter) {
    return new MadeUpCurves(20)
        .train(e -> e < collapse ? 2.3 - 0.2 * e : lossAfter - 1e-3 * e, MadeUpCurves::accuracy)
        .rate(e -> e < collapse ? 0.1 : 1e-4)
        .curves();
  }

  @Test
  void aRateThatIsTinyInTheFirstThirdStopsTheRun() {
    Finding finding = new RateCollapse().examine(curves(4, 1.7)).orElseThrow();
    assertEquals(Diagnosis.LR_SCHEDULE_COLLAPSE, finding.diagnosis());
    assertEquals(Symptom.STALLED, finding.symptom());
    assertTrue(finding.cause().contains("by epoch 4 of 20"), finding.cause());
    assertTrue(finding.evidence().get(0).chart().logarithmic());
  }

  @Test
  void laterItIsTheEndOfASchedule() {
    assertEquals(Optional.empty(), new RateCollapse().examine(curves(14, 1.0)));
  }

  @Test
  void aRunThatIsDoneOrGoesOnLearningIsNotStopped() {
    assertEquals(Optional.empty(), new RateCollapse().examine(curves(4, 0.1)));
    Curves learning =
        new MadeUpCurves(20).train(e -> 2.3 - 0.05 * e).rate(e -> e < 4 ? 0.1 : 1e-4).curves();
    assertEquals(Optional.empty(), new RateCollapse().examine(learning));
  }

  @Test
  void aWarmUpIsNoCollapse() {
    Curves warm = new MadeUpCurves(20).train(e -> 2.0).rate(e -> 1e-4 * Math.pow(2, e)).curves();
    assertEquals(Optional.empty(), new RateCollapse().examine(warm));
  }
}
