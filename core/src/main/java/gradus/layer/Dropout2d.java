package gradus.layer;

import gradus.GradusException;
import gradus.autograd.Tensor;
import gradus.autograd.op.UnitDropoutOp;
import gradus.tensor.Shape;

/**
 * In a training pass, sets whole channels of images {@code [N,C,H,W]} to 0 with the given
 * probability, each image's own, and divides the others by {@code 1 - p}; in an evaluation pass
 * does nothing. Neighbouring pixels tell nearly the same, so that behind a convolution {@link
 * Dropout} takes little away. Keras' SpatialDropout2D; Tompson et al. 2015 (arXiv:1411.4280).
 */
public final class Dropout2d extends DroppingLayer {
  /** The usual 0.5. */
  public Dropout2d() {
    this(0.5);
  }

  /**
   * Drops with {@code probability}.
   *
   * @throws GradusException unless it is from 0 to below 1
   */
  public Dropout2d(double probability) {
    super(probability);
  }

  @Override
  protected Shape build(Scope scope, Shape input) {
    if (input.rank() != 3) {
      throw new GradusException(
          "Dropout2d takes images [C, H, W], but gets " + input + ": Dropout takes any shape.");
    }
    return super.build(scope, input);
  }

  @Override
  public Tensor forward(Tensor x) {
    return UnitDropoutOp.ofChannels(probability, x);
  }
}
