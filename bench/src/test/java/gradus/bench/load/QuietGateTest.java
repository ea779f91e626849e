package gradus.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.bench.record.Measurement;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class QuietGateTest {
  @Test
  void measuresAtMostAsOftenAsAllowedAndKeepsOneOfTheTries() {
    AtomicInteger tries = new AtomicInteger();
    QuietGate.Measured<Integer> measured = new QuietGate(0, 3).measure(tries::incrementAndGet);
    assertTrue(tries.get() >= 1 && tries.get() <= 3);
    assertTrue(measured.value() >= 1 && measured.value() <= tries.get());
    assertTrue(measured.disturbance() > Measurement.QUIET || measured.value() == tries.get());
  }

  @Test
  void oneTryIsOne() {
    AtomicInteger tries = new AtomicInteger();
    new QuietGate(0, 1).measure(tries::incrementAndGet);
    assertEquals(1, tries.get());
  }
}
