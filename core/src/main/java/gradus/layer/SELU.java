package gradus.layer;

import gradus.backend.spec.Activation;

/**
 * Scaled exponential linear unit: {@code s x} where {@code x > 0}, else {@code s a (exp(x) - 1)}
 * with s = 1.0507 and a = 1.6733, which keeps mean 0 and variance 1 (arXiv:1706.02515).
 */
public final class SELU extends Pointwise {
  /** The function has no parameter. */
  public SELU() {
    super(Activation.Kind.SELU, 0);
  }
}
