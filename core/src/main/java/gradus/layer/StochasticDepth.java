package gradus.layer;

import gradus.autograd.Tensor;
import gradus.autograd.op.UnitDropoutOp;

/**
 * In a training pass, sets whole examples {@code [C,H,W]} to 0 with the given probability and
 * divides the others by {@code 1 - p}; in an evaluation pass does nothing. At the end of a {@link
 * Residual} body it skips the block, for some images.
 *
 * <p>As torchvision's with mode "row". Huang et al. 2016 (arXiv:1603.09382).
 */
public final class StochasticDepth extends DroppingLayer {
  /**
   * Drops with {@code probability}.
   *
   * @throws gradus.GradusException unless it is from 0 to below 1
   */
  public StochasticDepth(double probability) {
    super(probability);
  }

  @Override
  public Tensor forward(Tensor x) {
    return UnitDropoutOp.ofExamples(probability, x);
  }
}
