package gradus.layer;

import gradus.backend.spec.Activation;

/**
 * {@code exp(x)}, any shape: PyTorch's {@code torch.exp}, Keras' {@code "exponential"}. As the
 * activation of a hidden layer it overflows within a few layers.
 */
public final class Exp extends Pointwise {
  /** The function has no settings. */
  public Exp() {
    super(Activation.Kind.EXP, 0);
  }
}
