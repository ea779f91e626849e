package gradus.layer;

import gradus.GradusException;
import gradus.autograd.Tensor;
import gradus.autograd.op.UnitDropoutOp;
import gradus.tensor.Shape;

/**
 * In a training pass, sets whole examples {@code [C,H,W]} to 0 with the given probability and
 * divides the others by {@code 1 - p}; in an evaluation pass does nothing. At the end of a {@link
 * Residual} body it skips the block, for some images.
 *
 * <p>As torchvision's with mode "row". Huang et al. 2016 (arXiv:1603.09382).
 */
public final class StochasticDepth extends Layer {
  private final float probability;

  /**
   * Drops with {@code probability}.
   *
   * @throws GradusException unless it is from 0 to below 1
   */
  public StochasticDepth(double probability) {
    if (!(probability >= 0 && probability < 1)) {
      throw new GradusException(
          "StochasticDepth probability is " + probability + ", but must be from 0 to below 1.");
    }
    this.probability = (float) probability;
  }

  @Override
  protected Shape build(Scope scope, Shape input) {
    return input;
  }

  @Override
  public Tensor forward(Tensor x) {
    return UnitDropoutOp.ofExamples(probability, x);
  }

  @Override
  public <V> V export(Graph<V> graph, V x) {
    return x; // what it does when evaluated
  }
}
