package gradus.bench.step;

import gradus.GradusException;
import gradus.examples.bench.StepBenchmark.Mode;
import java.util.Arrays;
import java.util.List;

/** Times the steps of a contender: after a warm-up by time, each step alone. */
public final class Stopwatch {
  private static final int MIN_STEPS = 5;
  private static final int MAX_STEPS = 1 << 20;
  private static final int PATIENCE = 50; // with momentum a loss may rise at first

  private final double warmUpSeconds;
  private final double seconds;

  /** At least five steps are warm-up and at least five are timed, however long they take. */
  public Stopwatch(double warmUpSeconds, double seconds) {
    this.warmUpSeconds = warmUpSeconds;
    this.seconds = seconds;
  }

  /**
   * The times of a contender's steps.
   *
   * @throws GradusException if the loss did not fall, as it must when one batch is learned by heart
   */
  public StepTimes time(Contender contender, Mode mode) {
    float first = contender.step(mode);
    steps(contender, mode, warmUpSeconds);
    long[] nanos = steps(contender, mode, seconds);
    float last = contender.step(mode);
    for (int i = 0; i < PATIENCE && mode == Mode.TRAIN && !(last < first); i++) {
      last = contender.step(mode);
    }
    if (mode == Mode.TRAIN && !(last < first)) {
      throw new GradusException(
          "The loss was %.4f and %d steps after its speed was measured is %.4f: this does not train, so its speed means nothing."
              .formatted(first, PATIENCE, last));
    }
    Arrays.sort(nanos);
    return new StepTimes(
        contender.version(),
        contender.parameters(),
        nanos.length,
        quantile(nanos, 0.5),
        quantile(nanos, 0.1),
        quantile(nanos, 0.9),
        mode == Mode.TRAIN ? List.of((double) first, (double) last) : List.of());
  }

  private static long[] steps(Contender contender, Mode mode, double seconds) {
    long[] nanos = new long[MAX_STEPS];
    int steps = 0;
    long start = System.nanoTime();
    long end = start + (long) (seconds * 1e9);
    while (steps < MAX_STEPS && (steps < MIN_STEPS || start < end)) {
      contender.step(mode);
      long now = System.nanoTime();
      nanos[steps++] = now - start;
      start = now;
    }
    return Arrays.copyOf(nanos, steps);
  }

  /**
   * Milliseconds below which that part of the sorted times lies, between neighbours in proportion.
   */
  static double quantile(long[] sorted, double part) {
    double at = part * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return (sorted[below] + (at - below) * (sorted[above] - sorted[below])) * 1e-6;
  }
}
