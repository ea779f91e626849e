package gradus.optim;

import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.backend.spec.SgdSpec;
import gradus.layer.Parameter;
import gradus.layer.ParameterStore;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.Map;

/**
 * SGD with momentum whose rate is scaled for each weight tensor by {@code trust |w| / (|g| +
 * weightDecay |w|)}, so that large batches train deep networks. Biases and parameters of
 * normalisations take plain SGD's step. The scaled gradient goes into the velocity, as in NVIDIA's
 * LARC. Reading the norms waits for the device.
 *
 * <p>Defaults: learning rate 1, momentum 0.9, trust 0.001, no decay. You, Gitman and Ginsburg 2017
 * (arXiv:1708.03888); not in PyTorch.
 */
public final class LARS extends Optimizer {
  private final double momentum;
  private final double trust;
  private final Buffer velocity;
  private final FloatBuffer host = FloatBuffer.allocate(1);

  private LARS(Builder builder) {
    super(builder);
    momentum = builder.momentum;
    trust = builder.trust;
    velocity = newState();
  }

  /** Describes one for the parameters of a model. */
  public static Builder of(ParameterStore parameters) {
    return new Builder(parameters);
  }

  @Override
  protected void update(OptimizerStep step, Range range) {
    ParameterStore p = parameters();
    for (int i = 0; i < p.list().size(); i++) {
      Parameter parameter = p.list().get(i);
      if (parameter.offset() >= range.first()
          && parameter.offset() < range.first() + range.count()) {
        update(step, parameter, range.weightDecay());
      }
    }
  }

  private void update(OptimizerStep step, Parameter parameter, double decay) {
    ParameterStore p = parameters();
    double factor = 1;
    if (parameter.kind() == Parameter.Kind.WEIGHT) {
      double weights = norm(p.values(), parameter);
      double gradients = norm(p.gradients(), parameter);
      if (weights > 0 && gradients > 0) {
        factor = trust * weights / (gradients + decay * weights);
        p.backend().math().scale((float) factor, parameter.gradient());
      }
    }
    SgdSpec spec =
        new SgdSpec(
            (float) step.learningRate(),
            (float) momentum,
            0,
            false,
            (float) (decay * factor),
            step.number() == 1);
    p.backend()
        .optimizers()
        .sgd(
            spec,
            p.values(),
            p.gradients(),
            velocity,
            parameter.offset(),
            parameter.shape().size());
  }

  private double norm(Buffer array, Parameter parameter) {
    Backend backend = parameters().backend();
    long bytes = backend.memory().bytes(Shape.SCALAR, DType.F32, Placement.DENSE);
    Buffer sum = backend.pool().take(DType.F32, bytes);
    backend.math().sumOfSquares(array, parameter.offset(), parameter.shape().size(), sum);
    backend.memory().copyOut(sum, Shape.SCALAR, Placement.DENSE, host.clear());
    backend.pool().giveBack(sum);
    return Math.sqrt(host.get(0));
  }

  @Override
  public Map<String, Double> settings() {
    return Map.of("momentum", momentum);
  }

  @Override
  public String toString() {
    return "LARS(learning_rate="
        + learningRate()
        + ", momentum="
        + momentum
        + ", trust="
        + trust
        + ", "
        + sharedSettings();
  }

  /** Settings of {@link LARS}. */
  public static final class Builder extends Optimizer.Builder<Builder> {
    private double momentum = 0.9;
    private double trust = 0.001;

    private Builder(ParameterStore parameters) {
      super(parameters, 1, 0);
    }

    /** How much of the velocity survives a step, above 0 and to 1. */
    public Builder momentum(double value) {
      momentum = checked("momentum", value, Float.MIN_NORMAL, 1);
      return this;
    }

    /** The share of a tensor's norm that a step of rate 1 changes, above 0. */
    public Builder trust(double value) {
      trust = checked("trust", value, Float.MIN_NORMAL, Float.MAX_VALUE);
      return this;
    }

    @Override
    public LARS build() {
      return new LARS(this);
    }

    @Override
    protected Builder self() {
      return this;
    }
  }
}
