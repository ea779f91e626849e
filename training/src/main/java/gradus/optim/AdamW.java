package gradus.optim;

import gradus.layer.ParameterStore;

/**
 * Adam with decoupled decay: {@code w *= 1 - lr weightDecay}, then Adam's step on the bare
 * gradient.
 *
 * <p>Defaults: learning rate 0.001, betas 0.9 and 0.999, epsilon 1e-8, decay 0.01, as PyTorch's.
 * Loshchilov and Hutter 2017 (arXiv:1711.05101).
 */
public final class AdamW extends AdamFamily {
  private AdamW(Builder builder) {
    super(builder, true);
  }

  /** Describes one for the parameters of a model. */
  public static Builder of(ParameterStore parameters) {
    return new Builder(parameters);
  }

  /** Settings of {@link AdamW}. */
  public static final class Builder extends AdamFamily.Builder<Builder> {
    private Builder(ParameterStore parameters) {
      super(parameters, 0.01);
    }

    @Override
    public AdamW build() {
      return new AdamW(this);
    }

    @Override
    protected Builder self() {
      return this;
    }
  }
}
