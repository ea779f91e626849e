package gradus.backend;

import gradus.backend.spec.AdamSpec;
import gradus.backend.spec.SgdSpec;
import gradus.backend.spec.UpdateSpec;

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

  /** See {@link UpdateSpec}; arrays the rule does without are null. */
  void update(
      UpdateSpec spec,
      Buffer values,
      Buffer gradients,
      Buffer a,
      Buffer b,
      Buffer c,
      long first,
      long count);

  /** gradients += strength sign(values): the gradient of an L1 penalty. */
  void addL1(float strength, Buffer values, Buffer gradients, long first, long count);

  /** gradients = min(max(gradients, -limit), limit). */
  void clamp(float limit, Buffer gradients, long first, long count);
}
