package gradus.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import org.junit.jupiter.api.Test;

class CalibrationTest {
  @Test
  void equalsTheFixture() {
    Calibration calibration = Calibration.of(Fixture.threeClasses(), 5);
    assertEquals(0.8 / 6, calibration.expectedError(), 1e-14);
    assertEquals(0.4, calibration.maximumError(), 1e-14);
    ReliabilityBin middle = calibration.bins().get(2);
    assertEquals(4, middle.examples(), "0.6 belongs to the bin it ends");
    assertEquals(0.5, middle.accuracy());
    assertEquals(2.1 / 4, middle.confidence(), 1e-14);
    ReliabilityBin empty = calibration.bins().get(4);
    assertEquals(0, empty.gap());
    assertTrue(Double.isNaN(empty.accuracy()));
  }

  @Test
  void certaintyLiesInTheLastBin() {
    Predictions predictions = new Predictions(2);
    predictions.add(0, 1, 0);
    Calibration calibration = Calibration.of(predictions);
    assertEquals(15, calibration.bins().size());
    assertEquals(1, calibration.bins().get(14).examples());
    assertEquals(0, calibration.expectedError());
  }

  @Test
  void misuseIsRefused() {
    Predictions none = new Predictions(2);
    String message = assertThrows(GradusException.class, () -> Calibration.of(none)).getMessage();
    assertTrue(message.contains("before any example"), message);
    assertThrows(GradusException.class, () -> Calibration.of(Fixture.threeClasses(), 0));
  }
}
