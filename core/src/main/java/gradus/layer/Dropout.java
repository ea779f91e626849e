package gradus.layer;

import gradus.GradusException;
import gradus.autograd.Tensor;
import gradus.autograd.op.DropoutOp;
import gradus.tensor.Shape;

/**
 * In a training pass, sets each element to 0 with the given probability and divides the others by
 * {@code 1 - p}; in an evaluation pass does nothing. Which elements are dropped follows from the
 * seed of the pass. Srivastava et al. 2014.
 */
public final class Dropout extends Layer {
  private final float probability;

  /** The usual 0.5. */
  public Dropout() {
    this(0.5);
  }

  /**
   * Drops with {@code probability}.
   *
   * @throws GradusException unless it is from 0 to below 1
   */
  public Dropout(double probability) {
    if (!(probability >= 0 && probability < 1)) {
      throw new GradusException(
          "Dropout probability is " + probability + ", but must be from 0 to below 1.");
    }
    this.probability = (float) probability;
  }

  @Override
  protected Shape build(Scope scope, Shape input) {
    return input;
  }

  @Override
  public Tensor forward(Tensor x) {
    return DropoutOp.apply(probability, x);
  }

  @Override
  public <V> V export(Graph<V> graph, V x) {
    return x; // what it does when evaluated
  }
}
