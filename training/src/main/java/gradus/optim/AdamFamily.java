package gradus.optim;

import gradus.backend.Buffer;
import gradus.backend.spec.AdamSpec;
import gradus.layer.ParameterStore;

/** What {@link Adam} and {@link AdamW} share: two moments, their betas and epsilon. */
abstract class AdamFamily extends Optimizer {
  private final float beta1;
  private final float beta2;
  private final float epsilon;
  private final boolean decoupled;
  private final Buffer mean;
  private final Buffer variance;

  AdamFamily(Builder<?> builder, boolean decoupled) {
    super(builder);
    this.beta1 = (float) builder.beta1;
    this.beta2 = (float) builder.beta2;
    this.epsilon = (float) builder.epsilon;
    this.decoupled = decoupled;
    this.mean = newState();
    this.variance = newState();
  }

  @Override
  protected void update(OptimizerStep step, Range range) {
    AdamSpec spec =
        new AdamSpec(
            step.learningRate(),
            beta1,
            beta2,
            epsilon,
            range.weightDecay(),
            decoupled,
            step.number());
    ParameterStore p = parameters();
    p.backend()
        .optimizers()
        .adam(spec, p.values(), p.gradients(), mean, variance, range.first(), range.count());
  }

  @Override
  public String toString() {
    return getClass().getSimpleName()
        + "(learning_rate="
        + learningRate()
        + ", beta1="
        + beta1
        + ", beta2="
        + beta2
        + ", epsilon="
        + epsilon
        + ", weight_decay="
        + weightDecay()
        + ")";
  }

  /** Settings of the family. */
  abstract static class Builder<B extends Builder<B>> extends Optimizer.Builder<B> {
    /** At 1 the correction {@code 1 - beta^step} is 0, and every weight becomes NaN. */
    private static final double BELOW_ONE = Math.nextDown(1f);

    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double epsilon = 1e-8;

    Builder(ParameterStore parameters, double weightDecay) {
      super(parameters, 0.001, weightDecay);
    }

    /**
     * How much of the mean and of the mean square of the gradient survives a step, each from 0 to
     * below 1.
     */
    public B betas(double ofMean, double ofSquare) {
      beta1 = checked("first beta", ofMean, 0, BELOW_ONE);
      beta2 = checked("second beta", ofSquare, 0, BELOW_ONE);
      return self();
    }

    /** What is added to the root, positive. */
    public B epsilon(double value) {
      epsilon = checked("epsilon", value, Float.MIN_NORMAL, 1);
      return self();
    }
  }
}
