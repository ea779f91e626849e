package gradus.layer;

import gradus.GradusException;
import gradus.autograd.Tensor;
import gradus.autograd.op.AddOp;
import gradus.tensor.Shape;

/**
 * {@code y = body(x) + shortcut(x)}; the shortcut is the identity unless one is given. Put a {@link
 * ReLU} behind it for the block of He et al. 2015 (arXiv:1512.03385): in a {@link Sequential} the
 * last batch norm of the body, the sum and the ReLU run as one.
 *
 * <p>The body's names are not prefixed and the shortcut's begin with {@code downsample}, as in
 * torchvision's BasicBlock.
 */
public final class Residual extends Layer {
  private final Layer body;
  private final Layer shortcut;

  /** {@code body(x) + x}. */
  public Residual(Layer body) {
    this(body, null);
  }

  /** {@code body(x) + shortcut(x)}. */
  public Residual(Layer body, Layer shortcut) {
    this.body = body;
    this.shortcut = shortcut;
  }

  @Override
  protected Shape build(Scope scope, Shape input) {
    Shape output = scope.child("", body, input);
    Shape other = shortcut == null ? input : scope.child("downsample", shortcut, input);
    if (!output.equals(other)) {
      throw new GradusException(
          "The body turns "
              + input
              + " into "
              + output
              + ", but the shortcut gives "
              + other
              + ": add a shortcut such as new Conv2d("
              + output.dim(0)
              + ", 1) with the stride of the body.");
    }
    return output;
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor other = shortcut(x);
    Tensor inner = body.forward(x);
    Tensor y = AddOp.apply(false, inner, other);
    release(x, inner, other, y);
    return y;
  }

  @Override
  public <V> V export(Graph<V> graph, V x) {
    V other = shortcut == null ? x : shortcut.export(graph, x);
    return graph.add(body.export(graph, x), other);
  }

  @Override
  protected Layer fuse(Layer next) {
    if (!(next instanceof ReLU)) {
      return null;
    }
    boolean endsInNorm =
        body instanceof Sequential sequence && sequence.last() instanceof BatchNorm2d;
    return endsInNorm ? new NormResidualRelu(this, (Sequential) body) : new ResidualRelu(this);
  }

  private Tensor shortcut(Tensor x) {
    return shortcut == null ? x : shortcut.forward(x);
  }

  private static void release(Tensor x, Tensor inner, Tensor other, Tensor y) {
    if (inner != x) {
      x.pass().releaseEarly(inner, y);
    }
    if (other != x) {
      x.pass().releaseEarly(other, y);
    }
  }

  private static final class ResidualRelu extends FusedLayer {
    private final Residual residual;

    ResidualRelu(Residual residual) {
      this.residual = residual;
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor other = residual.shortcut(x);
      Tensor inner = residual.body.forward(x);
      Tensor y = AddOp.apply(true, inner, other);
      release(x, inner, other, y);
      return y;
    }
  }

  private static final class NormResidualRelu extends FusedLayer {
    private final Residual residual;
    private final Layer[] steps;
    private final BatchNorm2d norm;

    NormResidualRelu(Residual residual, Sequential body) {
      this.residual = residual;
      this.steps = body.stepsWithoutLast();
      this.norm = (BatchNorm2d) body.last();
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor other = residual.shortcut(x);
      Tensor inner = Sequential.run(steps, x);
      Tensor y = norm.forwardRelu(inner, other);
      release(x, inner, other, y);
      return y;
    }
  }
}
