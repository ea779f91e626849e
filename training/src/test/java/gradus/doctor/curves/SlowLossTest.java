package gradus.doctor.curves;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SlowLossTest {
  @Test
  void fallingAsFastAtTheEndAsAtTheBeginningIsTooSlow() {
    Curves curves = new MadeUpCurves(10).train(e -> 2.3 - 0.08 * e).curves();
    Finding finding = new SlowLoss().examine(curves).orElseThrow();
    assertEquals(Diagnosis.LR_TOO_LOW, finding.diagnosis());
    assertEquals(Symptom.SLOW, finding.symptom());
  }

  @Test
  void levellingOffOrArrivingIsNot() {
    Curves levels = new MadeUpCurves(10).train(e -> 1.3 + Math.exp(-0.5 * e)).curves();
    assertEquals(Optional.empty(), new SlowLoss().examine(levels));
    Curves arrives = new MadeUpCurves(10).train(e -> 2.3 - 0.2 * e).curves();
    assertEquals(Optional.empty(), new SlowLoss().examine(arrives));
    Curves noisy = new MadeUpCurves(10).train(e -> 2.3 - 0.08 * e + 0.1 * (e % 2)).curves();
    assertEquals(Optional.empty(), new SlowLoss().examine(noisy));
  }
}
