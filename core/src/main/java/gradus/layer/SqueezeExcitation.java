package gradus.layer;

import gradus.GradusException;
import gradus.autograd.Tensor;
import gradus.autograd.op.ScaleChannelsOp;
import gradus.tensor.Shape;

/**
 * Weighs the channels of {@code [N,C,H,W]} by what the image as a whole shows: {@code y = x
 * sigmoid(fc2(f(fc1(mean of x))))}, with C to {@code squeezed} to C channels inside.
 *
 * <p>Names and the default f, ReLU, are those of torchvision's layer. Hu et al. 2017
 * (arXiv:1709.01507).
 */
public final class SqueezeExcitation extends Layer {
  private final int squeezed;
  private Layer activation = new ReLU();
  private Sequential gate;

  /**
   * A gate with {@code squeezed} channels inside, often a quarter or a sixteenth of C.
   *
   * @throws GradusException if there is none
   */
  public SqueezeExcitation(int squeezed) {
    if (squeezed < 1) {
      throw new GradusException(
          "SqueezeExcitation needs at least 1 channel inside, but was given " + squeezed + ".");
    }
    this.squeezed = squeezed;
  }

  /** Another function between the two convolutions. */
  public SqueezeExcitation activation(Layer function) {
    requireUnbuilt();
    this.activation = function;
    return this;
  }

  @Override
  protected Shape build(Scope scope, Shape input) {
    gate =
        new Sequential()
            .add("avgpool", new AdaptiveAvgPool2d())
            .add("fc1", new Conv2d(squeezed, 1))
            .add("activation", activation)
            .add("fc2", new Conv2d(input.dim(0), 1))
            .add("scale_activation", new Sigmoid());
    scope.child("", gate, input);
    return input;
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor factors = gate.forward(x);
    Tensor y = ScaleChannelsOp.apply(x, factors);
    x.pass().releaseEarly(factors, y);
    return y;
  }

  @Override
  public <V> V export(Graph<V> graph, V x) {
    return graph.scaleChannels(x, gate.export(graph, x));
  }
}
