package gradus.layer;

import gradus.GradusException;
import gradus.autograd.Tensor;
import gradus.autograd.op.LinearOp;
import gradus.backend.spec.LinearSpec;
import gradus.tensor.Shape;

/**
 * Fully connected layer: x {@code [N,in]} to y {@code [N,out]}, {@code y = x weight^T + bias}.
 * Parameters: {@code weight [out,in]}, {@code bias [out]}, both uniform in {@code ±1 / sqrt(in)} at
 * first, as PyTorch's.
 *
 * <p>Unlike PyTorch's, it is told the output features only, and images {@code [N,C,H,W]} are
 * flattened by themselves.
 */
public final class Linear extends Layer {
  private final int outFeatures;
  private boolean hasBias = true;
  private boolean takesImages;
  private Initializer weightInitializer = Initializer.standard();
  private Initializer biasInitializer;
  private Parameter weight;
  private Parameter bias;
  private LinearSpec spec;

  /** {@code outFeatures} outputs. */
  public Linear(int outFeatures) {
    this.outFeatures = outFeatures;
  }

  /** Leaves the bias out. */
  public Linear withoutBias() {
    requireUnbuilt();
    hasBias = false;
    return this;
  }

  /** Where the weights start. */
  public Linear weights(Initializer initializer) {
    requireUnbuilt();
    weightInitializer = initializer;
    return this;
  }

  /** Where the bias starts; by default uniform in {@code ±1 / sqrt(in)}. */
  public Linear bias(Initializer initializer) {
    requireUnbuilt();
    biasInitializer = initializer;
    return this;
  }

  @Override
  protected Shape build(Scope scope, Shape input) {
    if (outFeatures < 1) {
      throw new GradusException("Linear needs at least one output, but got " + outFeatures + ".");
    }
    takesImages = input.rank() != 1;
    spec = new LinearSpec(1, Math.toIntExact(input.size()), outFeatures);
    weight =
        scope.parameter("weight", spec.weightShape(), Parameter.Kind.WEIGHT, weightInitializer);
    if (hasBias) {
      Initializer start =
          biasInitializer != null
              ? biasInitializer
              : Initializer.uniform(1 / Math.sqrt((double) input.size()));
      bias = scope.parameter("bias", Shape.of(outFeatures), Parameter.Kind.BIAS, start);
    }
    return Shape.of(outFeatures);
  }

  @Override
  public Tensor forward(Tensor x) {
    return apply(x, false);
  }

  @Override
  public <V> V export(Graph<V> graph, V x) {
    return graph.linear(spec, takesImages ? graph.flatten(x) : x, weight, bias);
  }

  @Override
  protected Layer fuse(Layer next) {
    return next instanceof ReLU ? new LinearRelu(this) : null;
  }

  @Override
  protected long multiplyAdds(Shape input, Shape output) {
    return (long) spec.in() * spec.out();
  }

  Tensor apply(Tensor x, boolean relu) {
    int n = x.shape().dim(0);
    if (spec.n() != n) {
      spec = new LinearSpec(n, spec.in(), spec.out());
    }
    Tensor flat = x.shape().rank() == 2 ? x : x.reshape(spec.inputShape());
    return LinearOp.apply(spec, relu, flat, weight, bias);
  }

  /** A linear layer and the ReLU after it as one op. */
  private static final class LinearRelu extends FusedLayer {
    private final Linear linear;

    LinearRelu(Linear linear) {
      this.linear = linear;
    }

    @Override
    public Tensor forward(Tensor x) {
      return linear.apply(x, true);
    }
  }
}
