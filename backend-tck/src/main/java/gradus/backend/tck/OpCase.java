package gradus.backend.tck;

import java.util.function.Consumer;

/**
 * One op with one set of arguments, runnable on any backend. The same case serves every contract:
 * equality with the reference, determinism, freedom from leaks.
 *
 * @param name the op and its arguments, unique in the kit; it also seeds the data
 * @param tolerance how near the results must be
 * @param body allocates the arguments, calls the op and names its results
 */
public record OpCase(String name, Tolerance tolerance, Consumer<Trial> body) {

  /** Runs it once on the backend of the trial, which is closed afterwards. */
  Outcome run(Trial trial) {
    try (trial) {
      body.accept(trial);
      return trial.outcome();
    }
  }
}
