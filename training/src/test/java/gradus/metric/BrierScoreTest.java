package gradus.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import org.junit.jupiter.api.Test;

class BrierScoreTest {
  @Test
  void equalsTheFixtures() {
    assertEquals(2.92 / 6, BrierScore.of(Fixture.threeClasses()), 1e-14);
    assertEquals(1.54 / 8, BrierScore.of(Fixture.twoClasses()), 1e-14, "half for two classes");
  }

  @Test
  void nothingIsRefused() {
    String message =
        assertThrows(GradusException.class, () -> BrierScore.of(new Predictions(2))).getMessage();
    assertTrue(message.contains("before any example"), message);
  }
}
