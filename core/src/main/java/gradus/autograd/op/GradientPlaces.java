package gradus.autograd.op;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Buffer;

/**
 * Where a batch norm's gradients go: that of its output, and those of x and a residual, each null
 * when nobody wants it. The first one is written over dy: memory that is at hand, instead of more
 * of it.
 */
record GradientPlaces(
    Buffer dy,
    Buffer dx,
    float dxBeta,
    Buffer dResidual,
    float dResidualBeta,
    boolean dyIsGivenAway) {

  /** Finds them; {@code residual} may be null. */
  static GradientPlaces of(Tensor x, Tensor residual, Tensor y) {
    boolean toX = x.wantsGradient();
    boolean toResidual = residual != null && residual.wantsGradient();
    boolean rounded =
        (!toX || x.hasRoundedGradient()) && (!toResidual || residual.hasRoundedGradient());
    Buffer dy = rounded ? y.takeStoredGradient() : y.takeGradient();
    boolean given = false;
    Buffer dResidual = null;
    float dResidualBeta = 0;
    if (toResidual) {
      given = residual.giveFirstGradient(dy);
      dResidualBeta = given ? 0 : residual.gradientBeta();
      dResidual = rounded ? residual.storedGradient() : residual.gradient();
    }
    Buffer dx = null;
    float dxBeta = 0;
    if (toX) {
      boolean taken = !given && x.giveFirstGradient(dy);
      given |= taken;
      dxBeta = taken ? 0 : x.gradientBeta();
      dx = rounded ? x.storedGradient() : x.gradient();
    }
    return new GradientPlaces(dy, dx, dxBeta, dResidual, dResidualBeta, given);
  }

  /** To be called when they are written. */
  void giveBackDy(Pass pass) {
    if (!dyIsGivenAway) {
      pass.giveBack(dy);
    }
  }
}
