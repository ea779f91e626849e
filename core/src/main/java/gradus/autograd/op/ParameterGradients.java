package gradus.autograd.op;

import gradus.autograd.Pass;
import gradus.backend.Buffer;
import gradus.layer.Parameter;

/**
 * Where the gradients of a weight and its bias go: nowhere (both null) when both are frozen, or the
 * pass does not train.
 */
record ParameterGradients(Buffer weight, Buffer bias, float beta) {
  private static final ParameterGradients NONE = new ParameterGradients(null, null, 0);

  /**
   * Marks both as having a gradient from now on; they share one beta because they always travel
   * together.
   */
  static ParameterGradients of(Pass pass, Parameter w, Parameter b) {
    if (!pass.isTraining() || (!w.isTrainable() && (b == null || !b.isTrainable()))) {
      return NONE;
    }
    float beta = w.gradientBeta();
    if (b != null) {
      b.gradientBeta();
    }
    return new ParameterGradients(w.gradient(), b == null ? null : b.gradient(), beta);
  }
}
