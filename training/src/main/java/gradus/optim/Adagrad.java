package gradus.optim;

import gradus.backend.Buffer;
import gradus.backend.spec.UpdateSpec;
import gradus.layer.ParameterStore;

/**
 * {@code s += g^2}; {@code w -= lr / (1 + (step-1) decay) g / (sqrt(s) + epsilon)}: rates that fall
 * fastest where gradients are large. Weight decay is added to the gradient.
 *
 * <p>Defaults as PyTorch's: learning rate 0.01, no decay of the rate, s from 0, epsilon 1e-10, no
 * weight decay. Duchi, Hazan and Singer 2011.
 */
public final class Adagrad extends Optimizer {
  private final double rateDecay;
  private final double initialSum;
  private final double epsilon;
  private final Buffer sum;

  private Adagrad(Builder builder) {
    super(builder);
    rateDecay = builder.rateDecay;
    initialSum = builder.initialSum;
    epsilon = builder.epsilon;
    sum = newState();
    if (initialSum > 0) {
      parameters().backend().math().fill(sum, (float) initialSum);
    }
  }

  /** Describes one for the parameters of a model. */
  public static Builder of(ParameterStore parameters) {
    return new Builder(parameters);
  }

  @Override
  protected void update(OptimizerStep step, Range range) {
    UpdateSpec spec =
        new UpdateSpec(
            UpdateSpec.Rule.ADAGRAD,
            step.learningRate() / (1 + (step.number() - 1) * rateDecay),
            1,
            range.weightDecay(),
            0,
            0,
            epsilon,
            0,
            0);
    ParameterStore p = parameters();
    p.backend()
        .optimizers()
        .update(spec, p.values(), p.gradients(), sum, null, null, range.first(), range.count());
  }

  @Override
  public String toString() {
    return "Adagrad(learning_rate="
        + learningRate()
        + ", rate_decay="
        + rateDecay
        + ", initial_sum="
        + initialSum
        + ", epsilon="
        + epsilon
        + ", "
        + sharedSettings();
  }

  /** Settings of {@link Adagrad}. */
  public static final class Builder extends Optimizer.Builder<Builder> {
    private double rateDecay;
    private double initialSum;
    private double epsilon = 1e-10;

    private Builder(ParameterStore parameters) {
      super(parameters, 0.01, 0);
    }

    /** How fast the rate falls by itself, from 0; PyTorch's lr_decay. */
    public Builder rateDecay(double value) {
      rateDecay = checked("decay of the rate", value, 0, Double.MAX_VALUE);
      return this;
    }

    /** Where the sums of squares begin, from 0; PyTorch's initial_accumulator_value. */
    public Builder initialSum(double value) {
      initialSum = checked("initial sum", value, 0, Float.MAX_VALUE);
      return this;
    }

    /** What is added to the root, positive. */
    public Builder epsilon(double value) {
      epsilon = checked("epsilon", value, Float.MIN_NORMAL, 1);
      return this;
    }

    @Override
    public Adagrad build() {
      return new Adagrad(this);
    }

    @Override
    protected Builder self() {
      return this;
    }
  }
}
