package gradus.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import org.junit.jupiter.api.Test;

class LogLossTest {
  @Test
  void equalsTheFixtures() {
    double three = Math.log(0.7 * 0.4 * 0.5 * 0.6 * 0.3 * 0.3) / -6;
    assertEquals(three, LogLoss.of(Fixture.threeClasses()), 1e-14);
    double two = Math.log(0.9 * 0.2 * 0.8 * 0.6 * 0.6 * 0.4 * 0.6 * 0.9) / -8;
    assertEquals(two, LogLoss.of(Fixture.twoClasses()), 1e-14);
  }

  @Test
  void beingSureAndWrongStaysFinite() {
    Predictions predictions = new Predictions(2);
    predictions.add(0, 0, 1);
    assertEquals(52 * Math.log(2), LogLoss.of(predictions), 1e-12);
  }

  @Test
  void nothingIsRefused() {
    String message =
        assertThrows(GradusException.class, () -> LogLoss.of(new Predictions(2))).getMessage();
    assertTrue(message.contains("before any example"), message);
  }
}
