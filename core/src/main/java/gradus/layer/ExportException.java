package gradus.layer;

import gradus.GradusException;

/** A layer does not say what it computes: it does not override {@link Layer#export}. */
public final class ExportException extends GradusException {
  private static final long serialVersionUID = 1;

  ExportException(String message) {
    super(message);
  }
}
