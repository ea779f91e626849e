package gradus.layer;

import gradus.tensor.Shape;

/**
 * One layer that does the work of several neighbours. It has no parameters of its own and is made
 * after the build.
 */
abstract class FusedLayer extends Layer {
  @Override
  protected final Shape build(Scope scope, Shape input) {
    throw new IllegalStateException("A fused layer is made of layers that are built already.");
  }
}
