package gradus.bench;

/** The command line, for tests of other packages. */
public final class BenchCommands {
  private BenchCommands() {}

  /** The exit code. */
  public static int execute(String... arguments) {
    return Bench.commandLine().execute(arguments);
  }
}
