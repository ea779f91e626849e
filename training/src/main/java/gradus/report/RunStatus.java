package gradus.report;

import java.util.Locale;

/** How far a run has come. */
public enum RunStatus {
  /** It has begun and not ended. */
  RUNNING,
  /** It did all its epochs, or early stopping ended it. */
  FINISHED,
  /** Somebody or a time limit stopped it, or its process ended without a word. */
  INTERRUPTED,
  /** Its loss was no number any more, or an error ended it. */
  FAILED;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
