package gradus.examples.command;

import java.util.logging.Level;
import java.util.logging.Logger;

/** What the HTTP engine says of itself. */
final class EngineLog {
  /** Kept, because a logger nobody holds forgets its level. */
  private static final Logger ENGINE = Logger.getLogger("org.eclipse.jetty");

  private EngineLog() {}

  /** Leaves only warnings of it. */
  static void quiet() {
    ENGINE.setLevel(Level.WARNING);
  }
}
