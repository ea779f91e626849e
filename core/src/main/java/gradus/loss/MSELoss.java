package gradus.loss;

import gradus.autograd.Tensor;
import gradus.autograd.op.LossOp;

/**
 * Mean squared error: the mean over all elements of {@code (x - target)^2}; the target is shaped
 * like the output.
 */
public final class MSELoss implements Loss {
  @Override
  public float[] bestOutput(float... target) {
    return target.clone();
  }

  @Override
  public Tensor apply(Tensor output, Tensor target) {
    Targets.requireSameShape("MSELoss", output, target);
    return LossOp.apply(
        "MSELoss",
        output,
        target,
        (losses, x, t, loss, gradient) ->
            losses.meanSquaredError(output.shape(), x, t, loss, gradient));
  }
}
