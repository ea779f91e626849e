package gradus.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  @Test
  void constantStays() {
    assertEquals(0.3, Schedule.constant(0.3).at(0));
    assertEquals(0.3, Schedule.constant(0.3).at(1_000_000));
  }

  @Test
  void cosineFallsFromTheRateOverItsHalfToZero() {
    Schedule cosine = Schedule.cosine(0.2, 100);
    assertEquals(0.2, cosine.at(0), 1e-12);
    assertEquals(0.1 * (1 + Math.sqrt(0.5)), cosine.at(25), 1e-12);
    assertEquals(0.1, cosine.at(50), 1e-12);
    assertEquals(0, cosine.at(100), 1e-12);
    assertEquals(0, cosine.at(150), 0);
  }

  @Test
  void cosineNeedsSteps() {
    assertThrows(GradusException.class, () -> Schedule.cosine(0.1, 0));
  }
}
