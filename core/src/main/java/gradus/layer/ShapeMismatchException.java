package gradus.layer;

import gradus.GradusException;

/**
 * A layer cannot take the shape it is given. The message lists the shapes of every layer up to it.
 */
public final class ShapeMismatchException extends GradusException {
  private static final long serialVersionUID = 1L;

  /** An error with its explanation and the rule that was broken. */
  public ShapeMismatchException(String message, Throwable cause) {
    super(message, cause);
  }
}
