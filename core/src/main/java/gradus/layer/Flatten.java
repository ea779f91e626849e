package gradus.layer;

import gradus.autograd.Tensor;
import gradus.tensor.Shape;

/**
 * {@code [N,C,H,W]} to {@code [N, C H W]}; costs nothing, unless a GPU has images of more than one
 * pixel channels last.
 */
public final class Flatten extends Layer {
  private Shape output;

  @Override
  protected Shape build(Scope scope, Shape input) {
    output = Shape.of(Math.toIntExact(input.size()));
    return output;
  }

  @Override
  public Tensor forward(Tensor x) {
    return x.reshape(output.withBatch(x.shape().dim(0)));
  }

  @Override
  public <V> V export(Graph<V> graph, V x) {
    return graph.flatten(x);
  }
}
