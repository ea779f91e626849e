package gradus.layer;

import gradus.backend.spec.Activation;

/**
 * {@code min(max(x, 0), 6)}, any shape: a ReLU whose range suits low precision, as in the
 * MobileNets (Sandler et al. 2018, arXiv:1801.04381).
 */
public final class ReLU6 extends Pointwise {
  /** The function has no settings. */
  public ReLU6() {
    super(Activation.Kind.RELU6, 0);
  }
}
