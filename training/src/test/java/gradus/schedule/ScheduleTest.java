package gradus.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  @Test
  void constantStays() {
    assertEquals(1, Schedule.constant().factor(0));
    assertEquals(1, Schedule.constant().factor(100));
  }

  @Test
  void cosineFallsToZeroAndStaysThere() {
    Schedule cosine = Schedule.cosine(10);
    assertEquals(1, cosine.factor(0));
    assertEquals(0.5, cosine.factor(5), 1e-12);
    assertEquals(Math.pow(Math.cos(Math.PI / 8), 2), cosine.factor(2.5), 1e-12);
    assertEquals(0, cosine.factor(10), 1e-12);
    assertEquals(0, cosine.factor(11), 1e-12);
  }

  @Test
  void warmupRisesAndThenLeavesTheScheduleAlone() {
    Schedule warm = Schedule.cosine(10).warmup(2);
    assertEquals(0, warm.factor(0));
    assertEquals(Schedule.cosine(10).factor(1) / 2, warm.factor(1), 1e-12);
    assertEquals(Schedule.cosine(10).factor(3), warm.factor(3), 1e-12);
  }

  @Test
  void lengthsArePositive() {
    assertThrows(GradusException.class, () -> Schedule.cosine(0));
    assertThrows(GradusException.class, () -> Schedule.constant().warmup(-1));
  }
}
