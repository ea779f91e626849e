package gradus.examples.command;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jline.utils.Signals;

/**
 * Lets Ctrl-C (and {@code kill}) end a run in good order: the first one asks it to stop, such as
 * after its step, the second one ends the program at once. Closing it restores what was before.
 */
final class Interrupts implements AutoCloseable {
  private static final Map<String, Integer> EXIT_CODES = Map.of("INT", 130, "TERM", 143);

  private final Map<String, Object> previous = new LinkedHashMap<>();
  private final Runnable stop;
  private final PrintWriter err;
  private final String announcement;
  private volatile int exitCode;

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
    if (exitCode != 0) {
      Runtime.getRuntime().halt(code);
    }
    exitCode = code;
    err.println();
    err.println(announcement);
    err.flush();
    stop.run();
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
