package gradus;

/**
 * An error Gradus can explain: the message says what was wrong, with the numbers, and what to do
 * about it.
 *
 * <p>The command line prints only the message of such an exception; a stack trace would add
 * nothing.
 */
public class GradusException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An error with the sentence a person will read. */
  public GradusException(String message) {
    super(message);
  }

  /** An error with the sentence a person will read, and what led to it. */
  public GradusException(String message, Throwable cause) {
    super(message, cause);
  }
}
