package gradus.examples.command;

import gradus.GradusException;

/** An error in the command line itself, which no other machine or data would cure: exit code 2. */
final class UsageException extends GradusException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }

  /** Throws unless {@code holds}. */
  static void unless(boolean holds, String message) {
    if (!holds) {
      throw new UsageException(message);
    }
  }
}
