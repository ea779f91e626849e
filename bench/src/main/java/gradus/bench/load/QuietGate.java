package gradus.bench.load;

import gradus.GradusException;
import gradus.bench.record.Measurement;
import java.util.function.Supplier;

/**
 * Lets a measurement begin when nobody else computes, and tells how far others disturbed it. What
 * was disturbed is measured again; if the machine never comes to rest, the quietest try counts and
 * says so.
 */
public final class QuietGate {
  private static final double SAMPLE_SECONDS = 0.5;

  private final double waitSeconds;
  private final int tries;

  /**
   * What a measurement gave.
   *
   * @param value its result
   * @param disturbance the part of one processor that others used meanwhile
   */
  public record Measured<T>(T value, double disturbance) {}

  /**
   * Waits for at most {@code waitSeconds} before each of at most {@code tries} tries.
   *
   * @param waitSeconds 0 to begin at once
   */
  public QuietGate(double waitSeconds, int tries) {
    this.waitSeconds = waitSeconds;
    this.tries = tries;
  }

  /** The quietest try; {@code work} waits for every process it starts. */
  public <T> Measured<T> measure(Supplier<T> work) {
    Measured<T> best = null;
    for (int i = 0; i < tries; i++) {
      await();
      ProcessorTime start = ProcessorTime.now();
      T value = work.get();
      double disturbance = ProcessorTime.now().othersSince(start);
      if (best == null || disturbance < best.disturbance) {
        best = new Measured<>(value, disturbance);
      }
      if (disturbance <= Measurement.QUIET) {
        break;
      }
    }
    return best;
  }

  private void await() {
    double end = System.nanoTime() * 1e-9 + waitSeconds;
    while (System.nanoTime() * 1e-9 < end) {
      ProcessorTime start = ProcessorTime.now();
      try {
        Thread.sleep((long) (SAMPLE_SECONDS * 1000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new GradusException("Interrupted while waiting for a quiet machine.", e);
      }
      if (ProcessorTime.now().othersSince(start) <= Measurement.QUIET) {
        return;
      }
    }
  }
}
