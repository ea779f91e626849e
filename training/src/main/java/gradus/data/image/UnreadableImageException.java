package gradus.data.image;

import gradus.GradusException;

/** Bytes that are no picture, or one that cannot be decoded; {@link #reason} says which. */
public final class UnreadableImageException extends GradusException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** What is wrong with the bytes. */
  public enum Reason {
    /** Nothing says that they are a picture of a format that can be read. */
    NOT_AN_IMAGE,
    /** They begin as a picture, but are truncated or contradict themselves. */
    DAMAGED,
    /** They are a picture of more pixels or bytes than are decoded. */
    TOO_LARGE
  }

  UnreadableImageException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** What is wrong. */
  public Reason reason() {
    return reason;
  }
}
