package gradus.backend;

import gradus.GradusException;

/**
 * The backend has no room for a tensor. The message holds the size asked for, what is in use, and
 * what would help.
 */
public class OutOfBackendMemoryException extends GradusException {
  private static final long serialVersionUID = 1L;

  /** An error that says how much was asked for and how much is in use. */
  public OutOfBackendMemoryException(long askedBytes, long liveBytes, String where) {
    super(
        String.format(
            "%s has no room for %,d more bytes (%,d are in use): use a smaller batch (--batch), smaller images, or a smaller model.",
            where, askedBytes, liveBytes));
  }
}
