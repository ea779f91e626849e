package gradus.optim;

import gradus.backend.Buffer;
import gradus.backend.spec.AdamSpec;
import gradus.backend.spec.UpdateSpec;
import gradus.layer.ParameterStore;
import java.util.Map;

/** What {@link Adam} and {@link AdamW} share: two moments, their betas and epsilon. */
abstract class AdamFamily extends Optimizer {
  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final boolean decoupled;
  private final Buffer mean;
  private final Buffer variance;
  private final Buffer largest; // variance so far, of AMSGrad

  AdamFamily(Builder<?> builder, boolean decoupled) {
    super(builder);
    this.beta1 = builder.beta1;
    this.beta2 = builder.beta2;
    this.epsilon = builder.epsilon;
    this.decoupled = decoupled;
    this.mean = newState();
    this.variance = newState();
    this.largest = builder.amsgrad ? newState() : null;
  }

  @Override
  protected void update(OptimizerStep step, Range range) {
    ParameterStore p = parameters();
    if (largest == null) {
      AdamSpec spec =
          new AdamSpec(
              (float) step.learningRate(),
              (float) beta1,
              (float) beta2,
              (float) epsilon,
              (float) range.weightDecay(),
              decoupled,
              step.number());
      p.backend()
          .optimizers()
          .adam(spec, p.values(), p.gradients(), mean, variance, range.first(), range.count());
      return;
    }
    double number = (double) step.number();
    UpdateSpec spec =
        new UpdateSpec(
            UpdateSpec.Rule.MOMENTS,
            step.learningRate() / (1 - Math.pow(beta1, number)),
            decoupled ? 1 - step.learningRate() * range.weightDecay() : 1,
            decoupled ? 0 : range.weightDecay(),
            beta1,
            beta2,
            epsilon,
            0,
            1 / Math.sqrt(1 - Math.pow(beta2, number)));
    p.backend()
        .optimizers()
        .update(
            spec, p.values(), p.gradients(), mean, variance, largest, range.first(), range.count());
  }

  @Override
  public Map<String, Double> settings() {
    return Map.of("beta1", beta1, "beta2", beta2, "epsilon", epsilon);
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
        + (largest == null ? ", " : ", amsgrad=true, ")
        + sharedSettings();
  }

  /** Settings of the family. */
  abstract static class Builder<B extends Builder<B>> extends Optimizer.Builder<B> {
    /** At 1 the correction {@code 1 - beta^step} is 0, and every weight becomes NaN. */
    private static final double BELOW_ONE = Math.nextDown(1f);

    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double epsilon = 1e-8;
    private boolean amsgrad;

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

    /**
     * Divides by the largest mean square so far, so that the step never grows again. Reddi, Kale
     * and Kumar 2018 (arXiv:1904.09237).
     */
    public B amsgrad() {
      amsgrad = true;
      return self();
    }

    /** What is added to the root, positive. */
    public B epsilon(double value) {
      epsilon = checked("epsilon", value, Float.MIN_NORMAL, 1);
      return self();
    }
  }
}
