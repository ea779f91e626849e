package gradus.examples;

import gradus.examples.command.Commands;

/** The {@code gradus} command: trains, evaluates and uses image classifiers. */
public final class Gradus {
  private Gradus() {}

  /** Runs a command and ends the program with its exit code: 0, 1 for a failure, 2 for usage. */
  public static void main(String[] arguments) {
    // One line for a log record instead of two; must be set before logging starts.
    if (System.getProperty("java.util.logging.SimpleFormatter.format") == null) {
      System.setProperty("java.util.logging.SimpleFormatter.format", "%5$s%n");
    }
    System.exit(Commands.commandLine().execute(arguments));
  }
}
