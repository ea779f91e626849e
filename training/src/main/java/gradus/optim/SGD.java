package gradus.optim;

import gradus.backend.Buffer;
import gradus.backend.spec.SgdSpec;
import gradus.layer.ParameterStore;
import java.util.Map;

/**
 * Stochastic gradient descent: {@code g += weightDecay w}; {@code v = momentum v + (1-dampening)
 * g}; {@code w -= lr v}, or with Nesterov {@code w -= lr (g + momentum v)}. PyTorch's form: the
 * rate multiplies the velocity, so changing it acts at once.
 *
 * <p>Defaults: learning rate 0.01, momentum 0.9 (PyTorch: 0), no decay. Sutskever et al. 2013.
 */
public final class SGD extends Optimizer {
  private final float dampening;
  private final boolean nesterov;
  private float momentum;
  private Buffer velocity; // null without momentum

  private SGD(Builder builder) {
    super(builder);
    dampening = (float) builder.dampening;
    nesterov = builder.nesterov;
    setMomentum(builder.momentum);
  }

  @Override
  public void setMomentum(double value) {
    momentum = (float) Builder.checked("momentum", value, 0, 1);
    if (momentum == 0 && velocity != null) {
      freeState(velocity);
      velocity = null;
    } else if (momentum > 0 && velocity == null) {
      velocity = newState();
    }
  }

  /** Describes one for the parameters of a model. */
  public static Builder of(ParameterStore parameters) {
    return new Builder(parameters);
  }

  @Override
  protected void update(OptimizerStep step, Range range) {
    SgdSpec spec =
        new SgdSpec(
            (float) step.learningRate(),
            momentum,
            dampening,
            nesterov,
            (float) range.weightDecay(),
            step.number() == 1);
    ParameterStore p = parameters();
    p.backend()
        .optimizers()
        .sgd(spec, p.values(), p.gradients(), velocity, range.first(), range.count());
  }

  @Override
  public Map<String, Double> settings() {
    return Map.of("momentum", (double) momentum);
  }

  @Override
  public String toString() {
    return "SGD(learning_rate="
        + learningRate()
        + ", momentum="
        + momentum
        + ", dampening="
        + dampening
        + ", nesterov="
        + nesterov
        + ", "
        + sharedSettings();
  }

  /** Settings of {@link SGD}. */
  public static final class Builder extends Optimizer.Builder<Builder> {
    private double momentum = 0.9;
    private double dampening;
    private boolean nesterov;

    private Builder(ParameterStore parameters) {
      super(parameters, 0.01, 0);
    }

    /** How much of the velocity survives a step, from 0 to 1. */
    public Builder momentum(double value) {
      momentum = checked("momentum", value, 0, 1);
      return this;
    }

    /** How much of the gradient is kept out of the velocity, from 0 to 1. */
    public Builder dampening(double value) {
      dampening = checked("dampening", value, 0, 1);
      return this;
    }

    /** Looks ahead along the velocity. */
    public Builder nesterov() {
      nesterov = true;
      return this;
    }

    @Override
    public SGD build() {
      return new SGD(this);
    }

    @Override
    protected Builder self() {
      return this;
    }
  }
}
