package gradus.layer;

import gradus.backend.spec.Activation;

/**
 * Gaussian error linear unit: {@code x Phi(x)} with the exact normal distribution function,
 * PyTorch's default (arXiv:1606.08415).
 */
public final class GELU extends Pointwise {
  /** The function has no parameter. */
  public GELU() {
    super(Activation.Kind.GELU, 0);
  }
}
