package gradus.loss;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.autograd.op.LossOp;
import gradus.backend.Buffer;
import gradus.backend.spec.CrossEntropySpec;
import gradus.tensor.DType;

/**
 * Focal loss of logits {@code [N,C]} against class numbers {@code [N]}: {@code -(1-p)^gamma log p}
 * with {@code p = softmax(x)[label]}. It turns down examples that are already right, so that a rare
 * class is heard. Default gamma 2; 0 is cross-entropy. Class weights are its alpha. Lin et al. 2017
 * (arXiv:1708.02002).
 */
public final class FocalLoss implements Loss {
  private final float gamma;
  private final float[] classWeights;

  /** Gamma 2, all classes alike. */
  public FocalLoss() {
    this(2);
  }

  /** A gamma of your own, not negative. */
  public FocalLoss(double gamma) {
    this((float) gamma, null);
  }

  private FocalLoss(float gamma, float[] classWeights) {
    this.gamma = new CrossEntropySpec(1, 2, 0, gamma).focusing();
    this.classWeights = classWeights;
  }

  /**
   * The same with a weight per class, none negative; the mean is divided by the sum of the weights.
   */
  public FocalLoss classWeights(float... weights) {
    return new FocalLoss(gamma, Targets.checkedWeights(weights));
  }

  @Override
  public float[] weightsOfClasses() {
    return classWeights == null ? null : classWeights.clone();
  }

  /** Of shares it is cross-entropy's: the best guess is near it. */
  @Override
  public float[] bestOutput(float... target) {
    return Targets.bestLogits(target, 0, classWeights);
  }

  @Override
  public Tensor apply(Tensor logits, Tensor target) {
    if (target.dtype() != DType.I32) {
      throw new GradusException(
          "FocalLoss takes class numbers [N], but got "
              + target
              + ": use CrossEntropyLoss for probabilities, or leave out MixUp and CutMix, which make"
              + " them.");
    }
    Targets.requireClasses("FocalLoss", logits, target, classWeights);
    CrossEntropySpec spec =
        new CrossEntropySpec(logits.shape().dim(0), logits.shape().dim(1), 0, gamma);
    Pass pass = logits.pass();
    Buffer weights = Targets.weights(pass, classWeights);
    Tensor loss =
        LossOp.apply(
            "FocalLoss",
            logits,
            target,
            (losses, x, t, out, gradient) ->
                losses.crossEntropy(spec, x, t, weights, out, gradient));
    pass.giveBack(weights);
    return loss;
  }
}
