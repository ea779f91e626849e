package gradus.layer;

import gradus.backend.spec.Activation;

/**
 * Straight lines in place of the logistic function: {@code min(max(x / 6 + 1 / 2, 0), 1)}
 * (arXiv:1905.02244).
 */
public final class Hardsigmoid extends Pointwise {
  /** The function has no parameter. */
  public Hardsigmoid() {
    super(Activation.Kind.HARDSIGMOID, 0);
  }
}
