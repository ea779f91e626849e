package gradus.bench.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.examples.bench.StepBenchmark.Mode;
import java.util.List;
import org.junit.jupiter.api.Test;

class StopwatchTest {
  /**
   * Its loss changes by a fixed amount with each step, and later the other way, four times as fast.
   */
  private static final class Fake implements Contender {
    private final float change;
    private final int turn;
    private float loss = 2;
    private int steps;

    Fake(float change) {
      this(change, Integer.MAX_VALUE);
    }

    Fake(float change, int turn) {
      this.change = change;
      this.turn = turn;
    }

    @Override
    public String version() {
      return "fake 1";
    }

    @Override
    public long parameters() {
      return 7;
    }

    @Override
    public float step(Mode mode) {
      steps++;
      return loss += steps > turn ? -4 * change : change;
    }

    @Override
    public void close() {}
  }

  @Test
  void warmsUpAndTimesAtLeastFiveStepsEach() {
    Fake fake = new Fake(-0.01f);
    StepTimes times = new Stopwatch(0, 0).time(fake, Mode.TRAIN);
    assertEquals(5, times.steps());
    assertEquals(12, fake.steps); // one for the first loss, 5, 5, and one for the last
    assertEquals("fake 1", times.version());
    assertEquals(7, times.parameters());
    assertTrue(times.tenthMillis() <= times.medianMillis());
    assertTrue(times.medianMillis() <= times.ninetiethMillis());
    assertEquals(1.99, times.losses().get(0), 1e-5);
    assertEquals(1.88, times.losses().get(1), 1e-5);
  }

  @Test
  void aLossThatRisesIsAnError() {
    GradusException error =
        assertThrows(
            GradusException.class, () -> new Stopwatch(0, 0).time(new Fake(0.01f), Mode.TRAIN));
    assertTrue(error.getMessage().contains("does not train"), error.getMessage());
  }

  @Test
  void aLossThatRisesAtFirstIsWaitedFor() {
    Fake slow = new Fake(0.01f, 15); // as with momentum, where five steps take long
    StepTimes times = new Stopwatch(0, 0).time(slow, Mode.TRAIN);
    assertEquals(5, times.steps());
    assertTrue(times.losses().get(1) < times.losses().get(0), times.losses()::toString);
  }

  @Test
  void inferenceHasNoLoss() {
    assertEquals(List.of(), new Stopwatch(0, 0).time(new Fake(0), Mode.INFER).losses());
  }

  @Test
  void quantiles() {
    long[] nanos = {1_000_000, 2_000_000, 3_000_000, 5_000_000};
    assertEquals(2.5, Stopwatch.quantile(nanos, 0.5), 1e-9);
    assertEquals(1, Stopwatch.quantile(nanos, 0), 1e-9);
    assertEquals(5, Stopwatch.quantile(nanos, 1), 1e-9);
    assertEquals(4.4, Stopwatch.quantile(nanos, 0.9), 1e-9);
  }
}
