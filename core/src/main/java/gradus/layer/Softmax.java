package gradus.layer;

import gradus.autograd.Tensor;
import gradus.autograd.op.SoftmaxOp;
import gradus.tensor.Shape;

/**
 * {@code exp(x) / sum(exp(x))} over the channels of {@code [N,C,H,W]} or the features of {@code
 * [N,C]} (PyTorch's dim=1). Not for the end of a network trained with cross-entropy: that takes
 * logits.
 */
public final class Softmax extends Layer {
  @Override
  protected Shape build(Scope scope, Shape input) {
    return input;
  }

  @Override
  public Tensor forward(Tensor x) {
    return SoftmaxOp.apply(x);
  }

  @Override
  public <V> V export(Graph<V> graph, V x) {
    return graph.softmax(x);
  }
}
