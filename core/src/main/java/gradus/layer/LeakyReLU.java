package gradus.layer;

import gradus.backend.spec.Activation;

/**
 * {@code x} where {@code x > 0}, else {@code negativeSlope x}; no unit can die. Maas et al. 2013.
 */
public final class LeakyReLU extends Pointwise {
  /** A slope of 0.01, as PyTorch's. */
  public LeakyReLU() {
    this(0.01);
  }

  /** A slope of your own. */
  public LeakyReLU(double negativeSlope) {
    super(Activation.Kind.LEAKY_RELU, (float) negativeSlope);
  }
}
