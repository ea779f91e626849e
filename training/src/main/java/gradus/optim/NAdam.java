package gradus.optim;

import gradus.backend.Buffer;
import gradus.backend.spec.UpdateSpec;
import gradus.layer.ParameterStore;
import java.util.Map;

/**
 * Adam with Nesterov's look ahead: {@code mu(t) = beta1 (1 - 0.5 * 0.96^(t momentumDecay))}; {@code
 * w -= lr ((1-mu(t)) g / (1-M(t)) + mu(t+1) m / (1-M(t+1))) / (sqrt(vhat) + epsilon)} with {@code
 * M(t) = mu(1) .. mu(t)}. Weight decay is added to the gradient.
 *
 * <p>Defaults as PyTorch's: learning rate 0.002, betas 0.9 and 0.999, epsilon 1e-8, momentum decay
 * 0.004, no decay. Dozat 2016.
 */
public final class NAdam extends Optimizer {
  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final double momentumDecay;
  private final Buffer mean;
  private final Buffer variance;
  private long lastStep;
  private double lastProduct = 1;

  private NAdam(Builder builder) {
    super(builder);
    beta1 = builder.beta1;
    beta2 = builder.beta2;
    epsilon = builder.epsilon;
    momentumDecay = builder.momentumDecay;
    mean = newState();
    variance = newState();
  }

  /** Describes one for the parameters of a model. */
  public static Builder of(ParameterStore parameters) {
    return new Builder(parameters);
  }

  @Override
  protected void update(OptimizerStep step, Range range) {
    double now = mu(step.number());
    double next = mu(step.number() + 1);
    double product = product(step.number());
    double rate = step.learningRate() * next / (1 - product * next);
    double direct = step.learningRate() * (1 - now) / (1 - product);
    double root = 1 / Math.sqrt(1 - Math.pow(beta2, (double) step.number()));
    UpdateSpec spec =
        new UpdateSpec(
            UpdateSpec.Rule.MOMENTS,
            rate,
            1,
            range.weightDecay(),
            beta1,
            beta2,
            epsilon,
            direct,
            root);
    ParameterStore p = parameters();
    p.backend()
        .optimizers()
        .update(
            spec, p.values(), p.gradients(), mean, variance, null, range.first(), range.count());
  }

  private double mu(long step) {
    return beta1 * (1 - 0.5 * Math.pow(0.96, step * momentumDecay));
  }

  /** mu(1) to mu(step) multiplied; from the last one asked for where that is on the way. */
  private double product(long step) {
    if (step < lastStep) {
      lastStep = 0;
      lastProduct = 1;
    }
    while (lastStep < step) {
      lastProduct *= mu(++lastStep);
    }
    return lastProduct;
  }

  @Override
  public Map<String, Double> settings() {
    return Map.of("beta1", beta1, "beta2", beta2, "epsilon", epsilon);
  }

  @Override
  public String toString() {
    return "NAdam(learning_rate="
        + learningRate()
        + ", beta1="
        + beta1
        + ", beta2="
        + beta2
        + ", epsilon="
        + epsilon
        + ", momentum_decay="
        + momentumDecay
        + ", "
        + sharedSettings();
  }

  /** Settings of {@link NAdam}. */
  public static final class Builder extends Optimizer.Builder<Builder> {
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double epsilon = 1e-8;
    private double momentumDecay = 0.004;

    private Builder(ParameterStore parameters) {
      super(parameters, 0.002, 0);
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

    /** How fast the momentum rises to beta1, from 0. */
    public Builder momentumDecay(double value) {
      momentumDecay = checked("momentum decay", value, 0, Double.MAX_VALUE);
      return this;
    }

    @Override
    public NAdam build() {
      return new NAdam(this);
    }

    @Override
    protected Builder self() {
      return this;
    }
  }
}
