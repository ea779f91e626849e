package gradus.layer;

import gradus.GradusException;
import gradus.tensor.Shape;

/** A layer that drops by chance in a training pass, and does nothing in an evaluation pass. */
abstract class DroppingLayer extends Layer {
  final float probability;

  DroppingLayer(double probability) {
    if (!(probability >= 0 && probability < 1)) {
      throw new GradusException(
          getClass().getSimpleName()
              + " probability is "
              + probability
              + ", but must be from 0 to below 1.");
    }
    this.probability = (float) probability;
  }

  @Override
  protected Shape build(Scope scope, Shape input) {
    return input;
  }

  @Override
  public final <V> V export(Graph<V> graph, V x) {
    return x; // what it does when evaluated
  }
}
