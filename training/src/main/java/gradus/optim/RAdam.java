package gradus.optim;

import gradus.backend.Buffer;
import gradus.backend.spec.UpdateSpec;
import gradus.layer.ParameterStore;
import java.util.Map;

/**
 * Adam that does without the division until the mean square is well known, and then with a factor
 * that rectifies its variance: no warm-up is needed. Weight decay is added to the gradient.
 *
 * <p>Defaults as PyTorch's: learning rate 0.001, betas 0.9 and 0.999, epsilon 1e-8, no decay. Liu
 * et al. 2019 (arXiv:1908.03265).
 */
public final class RAdam extends Optimizer {
  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final Buffer mean;
  private final Buffer variance;

  private RAdam(Builder builder) {
    super(builder);
    beta1 = builder.beta1;
    beta2 = builder.beta2;
    epsilon = builder.epsilon;
    mean = newState();
    variance = newState();
  }

  /** Describes one for the parameters of a model. */
  public static Builder of(ParameterStore parameters) {
    return new Builder(parameters);
  }

  @Override
  protected void update(OptimizerStep step, Range range) {
    double number = (double) step.number();
    double power = Math.pow(beta2, number);
    double longest = 2 / (1 - beta2) - 1; // length of the average, in steps of equal weight
    double length = longest - 2 * number * power / (1 - power);
    double rate = step.learningRate() / (1 - Math.pow(beta1, number));
    boolean divides = length > 5;
    if (divides) {
      rate *=
          Math.sqrt(
              (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
      rate *= Math.sqrt(1 - power);
    }
    UpdateSpec spec =
        new UpdateSpec(
            UpdateSpec.Rule.MOMENTS,
            rate,
            1,
            range.weightDecay(),
            beta1,
            beta2,
            divides ? epsilon : 1,
            0,
            divides ? 1 : 0);
    ParameterStore p = parameters();
    p.backend()
        .optimizers()
        .update(
            spec, p.values(), p.gradients(), mean, variance, null, range.first(), range.count());
  }

  @Override
  public Map<String, Double> settings() {
    return Map.of("beta1", beta1, "beta2", beta2, "epsilon", epsilon);
  }

  @Override
  public String toString() {
    return "RAdam(learning_rate="
        + learningRate()
        + ", beta1="
        + beta1
        + ", beta2="
        + beta2
        + ", epsilon="
        + epsilon
        + ", "
        + sharedSettings();
  }

  /** Settings of {@link RAdam}. */
  public static final class Builder extends Optimizer.Builder<Builder> {
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double epsilon = 1e-8;

    private Builder(ParameterStore parameters) {
      super(parameters, 0.001, 0);
    }

    /** How much of the mean and of the mean square survives a step, each from 0 to below 1. */
    public Builder betas(double ofMean, double ofSquare) {
      beta1 = checked("first beta", ofMean, 0, Math.nextDown(1f));
      beta2 = checked("second beta", ofSquare, 0, Math.nextDown(1f));
      return this;
    }

    /** What is added to the root, positive. */
    public Builder epsilon(double value) {
      epsilon = checked("epsilon", value, Float.MIN_NORMAL, 1);
      return this;
    }

    @Override
    public RAdam build() {
      return new RAdam(this);
    }

    @Override
    protected Builder self() {
      return this;
    }
  }
}
