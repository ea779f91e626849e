package gradus.layer;

import gradus.backend.spec.Activation;

/** Smooth ReLU: {@code log(1 + exp(x))}; PyTorch's beta is 1. */
public final class Softplus extends Pointwise {
  /** The function has no parameter. */
  public Softplus() {
    super(Activation.Kind.SOFTPLUS, 0);
  }
}
