package gradus.layer;

import gradus.autograd.Tensor;
import gradus.autograd.op.DropoutOp;

/**
 * In a training pass, sets each element to 0 with the given probability and divides the others by
 * {@code 1 - p}; in an evaluation pass does nothing. Which elements are dropped follows from the
 * seed of the pass. Srivastava et al. 2014.
 */
public final class Dropout extends DroppingLayer {
  /** The usual 0.5. */
  public Dropout() {
    this(0.5);
  }

  /**
   * Drops with {@code probability}.
   *
   * @throws gradus.GradusException unless it is from 0 to below 1
   */
  public Dropout(double probability) {
    super(probability);
  }

  @Override
  public Tensor forward(Tensor x) {
    return DropoutOp.apply(probability, x);
  }
}
