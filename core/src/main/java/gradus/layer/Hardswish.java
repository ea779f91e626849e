package gradus.layer;

import gradus.backend.spec.Activation;

/**
 * SiLU with straight lines in place of the logistic function: 0 up to -3, x from 3 on, {@code x (x
 * + 3) / 6} between, as in MobileNetV3 (arXiv:1905.02244).
 */
public final class Hardswish extends Pointwise {
  /** The function has no parameter. */
  public Hardswish() {
    super(Activation.Kind.HARDSWISH, 0);
  }
}
