package gradus.layer;

import gradus.backend.spec.Activation;

/** Hyperbolic tangent. */
public final class Tanh extends Pointwise {
  /** The function has no parameter. */
  public Tanh() {
    super(Activation.Kind.TANH, 0);
  }
}
