package gradus.optim;

import gradus.backend.Buffer;
import gradus.backend.spec.UpdateSpec;
import gradus.layer.ParameterStore;
import java.util.Map;

/**
 * {@code w -= lr sign(beta1 m + (1-beta1) g)}; {@code m = beta2 m + (1-beta2) g}, with decoupled
 * decay {@code w *= 1 - lr weightDecay} first: every weight moves by the rate, so that it must be 3
 * to 10 times smaller than Adam's.
 *
 * <p>Defaults: learning rate 0.0001, betas 0.9 and 0.99, no decay. Chen et al. 2023
 * (arXiv:2302.06675); not in PyTorch.
 */
public final class Lion extends Optimizer {
  private final double beta1;
  private final double beta2;
  private final Buffer mean;

  private Lion(Builder builder) {
    super(builder);
    beta1 = builder.beta1;
    beta2 = builder.beta2;
    mean = newState();
  }

  /** Describes one for the parameters of a model. */
  public static Builder of(ParameterStore parameters) {
    return new Builder(parameters);
  }

  @Override
  protected void update(OptimizerStep step, Range range) {
    UpdateSpec spec =
        new UpdateSpec(
            UpdateSpec.Rule.LION,
            step.learningRate(),
            1 - step.learningRate() * range.weightDecay(),
            0,
            beta1,
            beta2,
            0,
            0,
            0);
    ParameterStore p = parameters();
    p.backend()
        .optimizers()
        .update(spec, p.values(), p.gradients(), mean, null, null, range.first(), range.count());
  }

  @Override
  public Map<String, Double> settings() {
    return Map.of("beta1", beta1, "beta2", beta2);
  }

  @Override
  public String toString() {
    return "Lion(learning_rate="
        + learningRate()
        + ", beta1="
        + beta1
        + ", beta2="
        + beta2
        + ", "
        + sharedSettings();
  }

  /** Settings of {@link Lion}. */
  public static final class Builder extends Optimizer.Builder<Builder> {
    private double beta1 = 0.9;
    private double beta2 = 0.99;

    private Builder(ParameterStore parameters) {
      super(parameters, 0.0001, 0);
    }

    /** How much of the mean and of the mean square survives a step, each from 0 to below 1. */
    public Builder betas(double ofMean, double ofSquare) {
      beta1 = checked("first beta", ofMean, 0, Math.nextDown(1f));
      beta2 = checked("second beta", ofSquare, 0, Math.nextDown(1f));
      return this;
    }

    @Override
    public Lion build() {
      return new Lion(this);
    }

    @Override
    protected Builder self() {
      return this;
    }
  }
}
