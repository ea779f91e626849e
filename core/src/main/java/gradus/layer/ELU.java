package gradus.layer;

import gradus.backend.spec.Activation;

/**
 * Exponential linear unit: {@code x} where {@code x > 0}, else {@code alpha (exp(x) - 1)}
 * (arXiv:1511.07289).
 */
public final class ELU extends Pointwise {
  /** An alpha of 1. */
  public ELU() {
    this(1);
  }

  /** An alpha of your own: what large negative inputs come to, negated. */
  public ELU(double alpha) {
    super(Activation.Kind.ELU, (float) alpha);
  }
}
