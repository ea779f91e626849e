package gradus.layer;

import gradus.autograd.Tensor;
import gradus.autograd.op.ActivationOp;
import gradus.backend.spec.Activation;
import gradus.tensor.Shape;

/** What the activation layers share: an elementwise function, any shape. */
abstract class Pointwise extends Layer {
  private final Activation function;

  Pointwise(Activation.Kind kind, float alpha) {
    this.function = new Activation(kind, alpha);
  }

  @Override
  protected final Shape build(Scope scope, Shape input) {
    return input;
  }

  @Override
  public final Tensor forward(Tensor x) {
    return ActivationOp.apply(function, x);
  }

  @Override
  public final <V> V export(Graph<V> graph, V x) {
    return graph.activation(function, x);
  }
}
