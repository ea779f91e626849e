package gradus.loss;

import gradus.autograd.Tensor;
import gradus.autograd.op.LossOp;

/**
 * Binary cross-entropy of sigmoid(x): the mean over all elements of {@code -t log s(x) - (1-t) log
 * (1-s(x))}, computed without overflow. The target holds probabilities and is shaped like the
 * output: one yes-or-no question per output.
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
