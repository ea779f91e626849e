package gradus.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ProcessorTimeTest {
  private static final String SELF =
      "7 (a (b) c) S 1 7 7 0 -1 4194560 0 0 0 0 %d %d %d %d 20 0 1 0 5 0 0";

  @Test
  void countsWhatOthersComputed() {
    ProcessorTime before =
        ProcessorTime.parse(
            "cpu  100 10 50 9000 7 3 2 5 0 0\ncpu0 1 1 1\n", SELF.formatted(10, 5, 20, 5), 10);
    assertEquals(1.70, before.busySeconds(), 1e-9); // not idle, not waiting for a disk
    assertEquals(0.40, before.ownSeconds(), 1e-9);
    ProcessorTime after =
        ProcessorTime.parse("cpu  300 10 50 9500 7 3 2 5 0 0\n", SELF.formatted(20, 5, 120, 5), 12);
    // 2.0 s were computed, 1.1 s of them by this process and its children, in 2 s
    assertEquals(0.45, after.othersSince(before), 1e-9);
  }

  @Test
  void ownTimeGrowsWithWork() {
    ProcessorTime start = ProcessorTime.now();
    double sum = 0;
    long end = System.nanoTime() + 200_000_000L;
    while (System.nanoTime() < end) {
      sum += Math.sqrt(sum + 1);
    }
    ProcessorTime now = ProcessorTime.now();
    assertTrue(sum > 0 && now.ownSeconds() > start.ownSeconds(), now.toString());
    assertTrue(
        now.busySeconds() - start.busySeconds() >= 0.9 * (now.ownSeconds() - start.ownSeconds()));
  }
}
