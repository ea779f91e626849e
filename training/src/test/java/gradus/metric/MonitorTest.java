package gradus.metric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MonitorTest {
  private static final Monitor MACRO_F1 = Monitor.of(ValidationMetric.MACRO_F1);
  private static final Monitor LOG_LOSS =
      Monitor.of(new ValidationMetric<>("log_loss", true, Predictions::new, LogLoss::of));

  @Test
  void eachPicksItsOwnNumber() {
    Map<String, Double> metrics = Map.of("macro_f1", 0.3, "log_loss", 0.4);
    assertEquals(0.1, Monitor.VALIDATION_LOSS.pick(0.1, 0.2, metrics));
    assertEquals(0.2, Monitor.VALIDATION_ACCURACY.pick(0.1, 0.2, metrics));
    assertEquals(0.3, MACRO_F1.pick(0.1, 0.2, metrics));
    assertEquals(0.4, LOG_LOSS.pick(0.1, 0.2, metrics));
    assertEquals(Double.NaN, MACRO_F1.pick(0.1, 0.2, Map.of()), "not measured");
  }

  @Test
  void betterIsLessOrMore() {
    assertTrue(MACRO_F1.improves(0.5, MACRO_F1.worst(), 0));
    assertTrue(MACRO_F1.improves(0.5, 0.4, 0));
    assertFalse(MACRO_F1.improves(0.5, 0.4, 0.2));
    assertTrue(LOG_LOSS.improves(0.5, LOG_LOSS.worst(), 0));
    assertTrue(LOG_LOSS.improves(0.4, 0.5, 0));
    for (Monitor monitor : Monitor.all()) {
      assertFalse(monitor.improves(Double.NaN, monitor.worst(), 0), monitor.label());
    }
  }

  @Test
  void theirNamesAreThoseOfFiles() {
    assertEquals(
        List.of(
            "validation_loss",
            "validation_accuracy",
            "validation_macro_f1",
            "validation_macro_precision",
            "validation_macro_recall",
            "validation_balanced_accuracy",
            "validation_top_5_accuracy"),
        Monitor.all().stream().map(Monitor::name).toList());
    assertEquals("validation macro f1", MACRO_F1.label());
    assertEquals("validation loss", Monitor.VALIDATION_LOSS.label());
  }
}
