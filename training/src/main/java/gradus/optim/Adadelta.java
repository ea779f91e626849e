package gradus.optim;

import gradus.backend.Buffer;
import gradus.backend.spec.UpdateSpec;
import gradus.layer.ParameterStore;

/**
 * {@code v = rho v + (1-rho) g^2}; {@code d = g sqrt(u + epsilon) / sqrt(v + epsilon)}; {@code u =
 * rho u + (1-rho) d^2}; {@code w -= lr d}: steps in the units of the weights, so that the rate
 * needs little tuning. Weight decay is added to the gradient.
 *
 * <p>Defaults as PyTorch's: learning rate 1, rho 0.9, epsilon 1e-6, no decay. Zeiler 2012
 * (arXiv:1212.5701).
 */
public final class Adadelta extends Optimizer {
  private final double rho;
  private final double epsilon;
  private final Buffer square;
  private final Buffer steps;

  private Adadelta(Builder builder) {
    super(builder);
    rho = builder.rho;
    epsilon = builder.epsilon;
    square = newState();
    steps = newState();
  }

  /** Describes one for the parameters of a model. */
  public static Builder of(ParameterStore parameters) {
    return new Builder(parameters);
  }

  @Override
  protected void update(OptimizerStep step, Range range) {
    UpdateSpec spec =
        new UpdateSpec(
            UpdateSpec.Rule.ADADELTA,
            step.learningRate(),
            1,
            range.weightDecay(),
            0,
            rho,
            epsilon,
            0,
            0);
    ParameterStore p = parameters();
    p.backend()
        .optimizers()
        .update(spec, p.values(), p.gradients(), square, steps, null, range.first(), range.count());
  }

  @Override
  public String toString() {
    return "Adadelta(learning_rate="
        + learningRate()
        + ", rho="
        + rho
        + ", epsilon="
        + epsilon
        + ", "
        + sharedSettings();
  }

  /** Settings of {@link Adadelta}. */
  public static final class Builder extends Optimizer.Builder<Builder> {
    private double rho = 0.9;
    private double epsilon = 1e-6;

    private Builder(ParameterStore parameters) {
      super(parameters, 1, 0);
    }

    /** How much of the mean squares survives a step, from 0 to below 1. */
    public Builder rho(double value) {
      rho = checked("rho", value, 0, Math.nextDown(1f));
      return this;
    }

    /** What is added under the roots, positive. */
    public Builder epsilon(double value) {
      epsilon = checked("epsilon", value, Float.MIN_NORMAL, 1);
      return this;
    }

    @Override
    public Adadelta build() {
      return new Adadelta(this);
    }

    @Override
    protected Builder self() {
      return this;
    }
  }
}
