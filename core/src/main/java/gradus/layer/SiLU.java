package gradus.layer;

import gradus.backend.spec.Activation;

/** Sigmoid linear unit, also Swish: {@code x sigmoid(x)} (arXiv:1702.03118). */
public final class SiLU extends Pointwise {
  /** The function has no parameter. */
  public SiLU() {
    super(Activation.Kind.SILU, 0);
  }
}
