package gradus.loss;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.autograd.op.LossOp;
import gradus.tensor.Batch;

/**
 * Mean squared error: the mean over all elements of {@code (x - target)^2}; the target is shaped
 * like the output.
 *
 * <p>Where the data have class numbers, {@code Trainer}, {@code Evaluator} and their kin make them
 * one-hot: 1 is wanted of the output of the class and 0 of the others; in a loop of your own {@code
 * pass.targets(batch, classes)} does. PyTorch leaves that to the caller.
 */
public final class MSELoss implements Loss {
  @Override
  public float[] bestOutput(float... target) {
    return target.clone();
  }

  @Override
  public Tensor target(Pass pass, Batch batch, int outputs) {
    return pass.targets(batch, outputs);
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
