package gradus.layer;

import gradus.backend.spec.Activation;

/** {@code x tanh(log(1 + exp(x)))} (arXiv:1908.08681). */
public final class Mish extends Pointwise {
  /** The function has no parameter. */
  public Mish() {
    super(Activation.Kind.MISH, 0);
  }
}
