package gradus.backend;

import gradus.backend.spec.AdamSpec;
import gradus.backend.spec.SgdSpec;

/**
 * Parameter updates over a range of the flat arrays in which a model keeps its parameters and
 * gradients: one call updates every parameter of a group.
 */
public interface OptimizerOps {
  /** See {@link SgdSpec}; {@code velocity} is null without momentum. */
  void sgd(SgdSpec spec, Buffer values, Buffer gradients, Buffer velocity, long first, long count);

  /** See {@link AdamSpec}. */
  void adam(
      AdamSpec spec,
      Buffer values,
      Buffer gradients,
      Buffer mean,
      Buffer variance,
      long first,
      long count);
}
