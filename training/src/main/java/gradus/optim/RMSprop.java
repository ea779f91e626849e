package gradus.optim;

import gradus.backend.Buffer;
import gradus.backend.spec.UpdateSpec;
import gradus.layer.ParameterStore;
import java.util.Map;

/**
 * {@code v = alpha v + (1-alpha) g^2}; {@code w -= lr g / (sqrt(v) + epsilon)}. Centered: {@code v}
 * less the square of the mean gradient under the root. With momentum: {@code b = momentum b + g /
 * (sqrt(v) + epsilon)}; {@code w -= lr b}. Weight decay is added to the gradient.
 *
 * <p>Defaults as PyTorch's: learning rate 0.01, alpha 0.99, epsilon 1e-8, no momentum, no decay.
 * Tieleman and Hinton 2012 (lecture 6.5); centered: Graves 2013 (arXiv:1308.0850).
 */
public final class RMSprop extends Optimizer {
  private final double alpha;
  private final double epsilon;
  private final double momentum;
  private final boolean centered;
  private final Buffer square;
  private final Buffer mean;
  private final Buffer velocity;

  private RMSprop(Builder builder) {
    super(builder);
    alpha = builder.alpha;
    epsilon = builder.epsilon;
    momentum = builder.momentum;
    centered = builder.centered;
    square = newState();
    mean = centered ? newState() : null;
    velocity = momentum > 0 ? newState() : null;
  }

  /** Describes one for the parameters of a model. */
  public static Builder of(ParameterStore parameters) {
    return new Builder(parameters);
  }

  @Override
  protected void update(OptimizerStep step, Range range) {
    UpdateSpec spec =
        new UpdateSpec(
            UpdateSpec.Rule.RMSPROP,
            step.learningRate(),
            1,
            range.weightDecay(),
            0,
            alpha,
            epsilon,
            momentum,
            0);
    ParameterStore p = parameters();
    p.backend()
        .optimizers()
        .update(
            spec, p.values(), p.gradients(), square, mean, velocity, range.first(), range.count());
  }

  @Override
  public Map<String, Double> settings() {
    return Map.of("momentum", momentum, "epsilon", epsilon);
  }

  @Override
  public String toString() {
    return "RMSprop(learning_rate="
        + learningRate()
        + ", alpha="
        + alpha
        + ", epsilon="
        + epsilon
        + ", momentum="
        + momentum
        + ", centered="
        + centered
        + ", "
        + sharedSettings();
  }

  /** Settings of {@link RMSprop}. */
  public static final class Builder extends Optimizer.Builder<Builder> {
    private double alpha = 0.99;
    private double epsilon = 1e-8;
    private double momentum;
    private boolean centered;

    private Builder(ParameterStore parameters) {
      super(parameters, 0.01, 0);
    }

    /** How much of the mean square survives a step, from 0 to below 1. */
    public Builder alpha(double value) {
      alpha = checked("alpha", value, 0, Math.nextDown(1f));
      return this;
    }

    /** What is added to the root, positive. */
    public Builder epsilon(double value) {
      epsilon = checked("epsilon", value, Float.MIN_NORMAL, 1);
      return this;
    }

    /** How much of the velocity survives a step, from 0 to 1. */
    public Builder momentum(double value) {
      momentum = checked("momentum", value, 0, 1);
      return this;
    }

    /** Divides by the deviation of the gradient rather than by its mean square. */
    public Builder centered() {
      centered = true;
      return this;
    }

    @Override
    public RMSprop build() {
      return new RMSprop(this);
    }

    @Override
    protected Builder self() {
      return this;
    }
  }
}
