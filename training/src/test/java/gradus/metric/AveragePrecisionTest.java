package gradus.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import org.junit.jupiter.api.Test;

class AveragePrecisionTest {
  private static final double EXACT = 1e-14;

  @Test
  void equalsTheFixtures() {
    assertEquals(251 / 336.0, AveragePrecision.binary(Fixture.scores(), Fixture.truth()), EXACT);
    assertEquals(29 / 36.0, AveragePrecision.of(Fixture.threeClasses(), 0), EXACT);
    assertEquals(3 / 4.0, AveragePrecision.of(Fixture.threeClasses(), 1), EXACT);
    assertEquals(1 / 2.0, AveragePrecision.of(Fixture.threeClasses(), 2), EXACT);
    assertEquals(37 / 54.0, AveragePrecision.macro(Fixture.threeClasses()), EXACT);
  }

  @Test
  void aClassAloneIsOneAndAnAbsentOneZero() {
    double[] scores = {0.2, 0.7};
    assertEquals(1, AveragePrecision.binary(scores, new boolean[] {true, true}));
    assertEquals(0, AveragePrecision.binary(scores, new boolean[] {false, false}));
  }

  @Test
  void nothingIsRefused() {
    Predictions none = new Predictions(2);
    String message =
        assertThrows(GradusException.class, () -> AveragePrecision.macro(none)).getMessage();
    assertTrue(message.contains("before any example"), message);
    assertThrows(GradusException.class, () -> AveragePrecision.of(none, 0));
  }
}
