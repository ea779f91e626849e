package gradus.loss;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.autograd.op.LossOp;
import gradus.tensor.Batch;

/**
 * Binary cross-entropy of sigmoid(x): the mean over all elements of {@code -t log s(x) - (1-t) log
 * (1-s(x))}, computed without overflow. The target holds probabilities and is shaped like the
 * output: one yes-or-no question per output.
 *
 * <p>Where the data have class numbers, {@code Trainer}, {@code Evaluator} and their kin make them
 * one-hot, so that each output is asked whether the image is of its class; in a loop of your own
 * {@code pass.targets(batch, classes)} does. PyTorch leaves that to the caller.
 */
public final class BCEWithLogitsLoss implements Loss {
  @Override
  public float[] bestOutput(float... target) {
    float[] logits = new float[target.length];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = Targets.log(target[i]) - Targets.log(1 - target[i]);
    }
    return logits;
  }

  @Override
  public Tensor target(Pass pass, Batch batch, int outputs) {
    return pass.targets(batch, outputs);
  }

  @Override
  public Tensor apply(Tensor output, Tensor target) {
    Targets.requireSameShape("BCEWithLogitsLoss", output, target);
    return LossOp.apply(
        "BCEWithLogitsLoss",
        output,
        target,
        (losses, x, t, loss, gradient) ->
            losses.binaryCrossEntropyWithLogits(output.shape(), x, t, loss, gradient));
  }
}
