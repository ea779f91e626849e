package gradus.layer;

import gradus.backend.spec.Activation;

/** Logistic function: {@code 1 / (1 + exp(-x))}. */
public final class Sigmoid extends Pointwise {
  /** The function has no parameter. */
  public Sigmoid() {
    super(Activation.Kind.SIGMOID, 0);
  }
}
