package gradus.layer;

import gradus.backend.spec.Activation;

/** Rectified linear unit: {@code max(x, 0)}; its derivative at 0 is 0. Nair and Hinton 2010. */
public final class ReLU extends Pointwise {
  /** The function has no parameter. */
  public ReLU() {
    super(Activation.Kind.RELU, 0);
  }
}
