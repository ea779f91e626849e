package gradus.examples.command;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jline.utils.Signals;

/**
 * Lets Ctrl-C (and {@code kill}) end a run in good order: the first one asks it to stop, such as
 * after its step, the second one ends the program at once. Closing it restores what was before.
 *
 * <p>A launcher and the terminal may both send what a person asked for once: what follows within a
 * tenth of a second counts as the same.
 */
final class Interrupts implements AutoCloseable {
  private static final long SAME_NANOS = 100_000_000;
  private static final Map<String, Integer> EXIT_CODES = Map.of("INT", 130, "TERM", 143);

  private final Map<String, Object> previous = new LinkedHashMap<>();
  private final Runnable stop;
  private final PrintWriter err;
  private final String announcement;
  private volatile int exitCode;
  private volatile long firstNanos; // when it arrived

  /** Watches a training run from now on. */
  Interrupts(Runnable stop, PrintWriter err) {
    this(
        stop,
        err,
        "Stopping after this step; the results so far will be saved. Again to quit now.");
  }

  /** Watches from now on, and says what it does. */
  Interrupts(Runnable stop, PrintWriter err, String announcement) {
    this.stop = stop;
    this.err = err;
    this.announcement = announcement;
    EXIT_CODES.forEach(
        (name, code) -> previous.put(name, Signals.register(name, () -> arrived(code))));
  }

  private void arrived(int code) {
    if (!isFirst(code)) {
      if (System.nanoTime() - firstNanos > SAME_NANOS) {
        Runtime.getRuntime().halt(code);
      }
      return;
    }
    err.println();
    err.println(announcement);
    err.flush();
    stop.run();
  }

  /** Each signal is handled on a thread of its own. */
  private synchronized boolean isFirst(int code) {
    if (exitCode != 0) {
      return false;
    }
    firstNanos = System.nanoTime();
    exitCode = code;
    return true;
  }

  /** 0, or what the program should end with: 130 after Ctrl-C, 143 after kill. */
  int exitCode() {
    return exitCode;
  }

  @Override
  public void close() {
    previous.forEach(Signals::unregister);
  }
}
