package gradus.layer;

import gradus.GradusException;
import gradus.autograd.Tensor;
import gradus.autograd.op.ScaleOp;
import gradus.tensor.Shape;

/**
 * {@code y = factor x}, any shape, with a factor that is not learned. Behind the last linear layer
 * it is a temperature: a factor below 1 makes the first logits small and that layer learn slower.
 */
public final class Scale extends Layer {
  private final float factor;

  /**
   * Multiplies by {@code factor}.
   *
   * @throws GradusException if it is 0 or no number
   */
  public Scale(double factor) {
    if (!Double.isFinite(factor) || (float) factor == 0) {
      throw new GradusException(
          "The factor of Scale is " + factor + ", but must be a number other than 0.");
    }
    this.factor = (float) factor;
  }

  @Override
  protected Shape build(Scope scope, Shape input) {
    return input;
  }

  @Override
  public Tensor forward(Tensor x) {
    return ScaleOp.apply(factor, x);
  }

  @Override
  public <V> V export(Graph<V> graph, V x) {
    return graph.scale(factor, x);
  }
}
