package gradus.doctor.preflight;

import static gradus.doctor.preflight.Pictures.names;
import static gradus.doctor.preflight.Pictures.note;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.layer.Linear;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.FocalLoss;
import java.util.List;
import org.junit.jupiter.api.Test;

class SmoothingTest {
  private final Smoothing check = new Smoothing();

  @Test
  void usualSmoothingIsFine() {
    assertEquals(List.of(), Nets.examine(check, new Linear(4)));
    assertEquals(
        List.of(), Nets.examine(check, new CrossEntropyLoss().labelSmoothing(0.5), new Linear(4)));
    assertEquals(List.of(), Nets.examine(check, new FocalLoss(), new Linear(4)));
  }

  @Test
  void whatWasTakenForTheShareOfTheRightClassIsNoted() {
    List<Finding> found =
        Nets.examine(check, new CrossEntropyLoss().labelSmoothing(0.9), new Linear(4));
    assertEquals(note(Diagnosis.OVER_REGULARIZATION), names(found));
    String cause = found.get(0).cause(); // 1 - 0.9 + 0.9 / 4, and 0.9 / 4
    assertTrue(cause.contains("32.5 % of the right class and 22.5 %"), cause);
    assertEquals("--label-smoothing 0.1", found.get(0).remedy().option());
  }

  @Test
  void weightsOfClassesAreNoSmoothing() {
    CrossEntropyLoss weighted = new CrossEntropyLoss().classWeights(50, 1, 1, 1);
    assertEquals(List.of(), Nets.examine(check, weighted.labelSmoothing(0.1), new Linear(4)));
  }
}
