package gradus.optim;

import gradus.layer.ParameterStore;

/**
 * Adam: {@code m = beta1 m + (1-beta1) g}; {@code v = beta2 v + (1-beta2) g^2}; {@code w -= lr mhat
 * / (sqrt(vhat) + epsilon)} with bias-corrected moments. Weight decay is added to the gradient, as
 * in PyTorch's Adam; use {@link AdamW} for the decay that works.
 *
 * <p>Defaults: learning rate 0.001, betas 0.9 and 0.999, epsilon 1e-8, no decay. Kingma and Ba 2014
 * (arXiv:1412.6980).
 */
public final class Adam extends AdamFamily {
  private Adam(Builder builder) {
    super(builder, false);
  }

  /** Describes one for the parameters of a model. */
  public static Builder of(ParameterStore parameters) {
    return new Builder(parameters);
  }

  /** Settings of {@link Adam}. */
  public static final class Builder extends AdamFamily.Builder<Builder> {
    private Builder(ParameterStore parameters) {
      super(parameters, 0);
    }

    @Override
    public Adam build() {
      return new Adam(this);
    }

    @Override
    protected Builder self() {
      return this;
    }
  }
}
