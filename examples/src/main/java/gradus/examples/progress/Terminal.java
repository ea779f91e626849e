package gradus.examples.progress;

/** Whether somebody is watching. */
public final class Terminal {
  private Terminal() {}

  /**
   * Whether output goes to a terminal. The launcher knows and says so in {@code -Dgradus.terminal};
   * without it, the JVM is asked, which answers no when the input is redirected.
   */
  public static boolean isInteractive() {
    String told = System.getProperty("gradus.terminal");
    return told != null ? Boolean.parseBoolean(told) : System.console() != null;
  }
}
