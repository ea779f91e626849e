package gradus.examples.progress;

/** Whether somebody is watching. */
public final class Terminal {
  private Terminal() {}

  /**
   * Whether output goes to a terminal: {@code -Dgradus.terminal=true}, which the launcher sets.
   * Java 17 itself cannot tell when only the input is redirected.
   */
  public static boolean isInteractive() {
    return Boolean.getBoolean("gradus.terminal");
  }
}
