package gradus.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import gradus.doctor.Evidence.Chart;
import gradus.doctor.Evidence.Line;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvidenceTest {
  private static final List<Double> X = List.of(1.0, 2.0, 3.0);

  private static String words(Line... lines) {
    return Evidence.of(new Chart("Loss", "epoch", "loss", false, List.of(lines))).sentence();
  }

  @Test
  void aChartIsToldByItsNumbers() {
    assertEquals(
        "Loss: training from 2.500 to 0.1250; validation from 2.000 to 3.000, lowest 1.500 at epoch"
            + " 2.",
        words(
            new Line("training", X, List.of(2.5, 1.0, 0.125)),
            new Line("validation", X, List.of(2.0, 1.5, 3.0))));
  }

  @Test
  void aPeakInTheMiddleIsTold() {
    assertEquals(
        "Loss: run from 2.000 to 1.000, highest 8.000e+09 at epoch 2.",
        words(new Line("run", X, List.of(2.0, 8e9, 1.0))));
  }

  @Test
  void anEmptyLineIsToldToBeEmpty() {
    assertEquals("Loss: run has no number.", words(new Line("run", List.of(), List.of())));
  }

  @Test
  void aLineOfOneNumberHasNoExtremes() {
    assertEquals(
        "Loss: run from 2.000 to 2.000.", words(new Line("run", List.of(1.0), List.of(2.0))));
  }
}
