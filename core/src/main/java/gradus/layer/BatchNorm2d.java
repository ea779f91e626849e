package gradus.layer;

import gradus.GradusException;
import gradus.autograd.Tensor;
import gradus.autograd.op.BatchNormOp;
import gradus.backend.spec.BatchNormSpec;
import gradus.tensor.Shape;

/**
 * Batch normalisation per channel: {@code y = weight (x - mean) / sqrt(var + epsilon) + bias}. x
 * and y {@code [N,C,H,W]} or {@code [N,C]}. A training pass uses the batch's mean and biased
 * variance and moves the running ones by {@code momentum} (default 0.1, the running variance
 * unbiased, both as PyTorch's); an evaluation pass uses the running ones. {@code epsilon} is 1e-5.
 *
 * <p>With weight and bias both {@linkplain Parameter#setFrozen frozen}, a training pass uses the
 * running statistics too, and leaves them alone, as Keras does; PyTorch needs {@code eval()} for
 * it.
 *
 * <p>State: {@code weight}, {@code bias}, {@code running_mean}, {@code running_var}, each {@code
 * [C]}. Ioffe and Szegedy 2015 (arXiv:1502.03167).
 */
public final class BatchNorm2d extends Layer {
  private float momentum = 0.1f;
  private float epsilon = 1e-5f;
  private Initializer scaleInitializer = Initializer.ones();
  private BatchNormOp.Arrays arrays;
  private BatchNormSpec spec;

  /** How far running statistics move towards the batch's, from 0 to 1. */
  public BatchNorm2d momentum(double value) {
    requireUnbuilt();
    momentum = (float) value;
    return this;
  }

  /** What is added to the variance before the root. */
  public BatchNorm2d epsilon(double value) {
    requireUnbuilt();
    epsilon = (float) value;
    return this;
  }

  /** Where the scale starts: 1, or 0 for the last one of a residual branch (arXiv:1706.02677). */
  public BatchNorm2d scale(Initializer initializer) {
    requireUnbuilt();
    scaleInitializer = initializer;
    return this;
  }

  @Override
  protected Shape build(Scope scope, Shape input) {
    if (input.rank() != 3 && input.rank() != 1) {
      throw new GradusException(
          "BatchNorm2d takes images [C, H, W] or features [C], but gets " + input + ".");
    }
    spec = spec(1, input);
    Shape perChannel = Shape.of(spec.c());
    arrays =
        new BatchNormOp.Arrays(
            scope.parameter("weight", perChannel, Parameter.Kind.NORM, scaleInitializer),
            scope.parameter("bias", perChannel, Parameter.Kind.NORM, Initializer.zeros()),
            scope.parameter(
                "running_mean", perChannel, Parameter.Kind.STATISTIC, Initializer.zeros()),
            scope.parameter(
                "running_var", perChannel, Parameter.Kind.STATISTIC, Initializer.ones()));
    return input;
  }

  @Override
  public Tensor forward(Tensor x) {
    return BatchNormOp.apply(specFor(x), x, arrays);
  }

  @Override
  public <V> V export(Graph<V> graph, V x) {
    return graph.batchNorm(
        spec, x, arrays.gamma(), arrays.beta(), arrays.runningMean(), arrays.runningVar());
  }

  /** relu(batchNorm(x) + residual); the residual may be null. */
  Tensor forwardRelu(Tensor x, Tensor residual) {
    return BatchNormOp.applyRelu(specFor(x), x, residual, arrays);
  }

  @Override
  protected Layer fuse(Layer next) {
    return next instanceof ReLU ? new NormRelu(this) : null;
  }

  private BatchNormSpec specFor(Tensor x) {
    if (spec.n() != x.shape().dim(0)) {
      spec = new BatchNormSpec(x.shape().dim(0), spec.c(), spec.h(), spec.w(), momentum, epsilon);
    }
    return spec;
  }

  private BatchNormSpec spec(int n, Shape input) {
    boolean image = input.rank() == 3;
    return new BatchNormSpec(
        n, input.dim(0), image ? input.dim(1) : 1, image ? input.dim(2) : 1, momentum, epsilon);
  }

  /** A batch norm and the ReLU after it as one op. */
  private static final class NormRelu extends FusedLayer {
    private final BatchNorm2d norm;

    NormRelu(BatchNorm2d norm) {
      this.norm = norm;
    }

    @Override
    public Tensor forward(Tensor x) {
      return norm.forwardRelu(x, null);
    }
  }
}
