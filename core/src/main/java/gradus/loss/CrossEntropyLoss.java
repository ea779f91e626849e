package gradus.loss;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.autograd.op.LossOp;
import gradus.backend.Buffer;
import gradus.backend.spec.CrossEntropySpec;
import gradus.tensor.DType;

/**
 * Softmax cross-entropy of logits {@code [N,C]}: {@code -log softmax(x)[label]}, the mean over the
 * batch. The target is class numbers {@code [N]} or probabilities {@code [N,C]}.
 *
 * <p>Class weights multiply each example's loss; with class numbers the mean is divided by the sum
 * of the weights, as PyTorch's. Label smoothing s mixes the target with the uniform distribution:
 * {@code (1-s) target + s/C} (arXiv:1512.00567).
 */
public final class CrossEntropyLoss implements Loss {
  private final float labelSmoothing;
  private final float[] classWeights;

  /** No smoothing, all classes alike. */
  public CrossEntropyLoss() {
    this(0, null);
  }

  private CrossEntropyLoss(float labelSmoothing, float[] classWeights) {
    this.labelSmoothing = new CrossEntropySpec(1, 2, labelSmoothing, 0).labelSmoothing();
    this.classWeights = classWeights;
  }

  /** The same with smoothing, from 0 to below 1. */
  public CrossEntropyLoss labelSmoothing(double smoothing) {
    return new CrossEntropyLoss((float) smoothing, classWeights);
  }

  /** The same with a weight per class, none negative. */
  public CrossEntropyLoss classWeights(float... weights) {
    return new CrossEntropyLoss(labelSmoothing, Targets.checkedWeights(weights));
  }

  /** How much of its share the right class gives to all alike. */
  public float labelSmoothing() {
    return labelSmoothing;
  }

  @Override
  public float[] weightsOfClasses() {
    return classWeights == null ? null : classWeights.clone();
  }

  @Override
  public float[] bestOutput(float... target) {
    return Targets.bestLogits(target, labelSmoothing, classWeights);
  }

  @Override
  public Tensor apply(Tensor logits, Tensor target) {
    Targets.requireClasses("CrossEntropyLoss", logits, target, classWeights);
    int n = logits.shape().dim(0);
    int classes = logits.shape().dim(1);
    CrossEntropySpec spec = new CrossEntropySpec(n, classes, labelSmoothing, 0);
    Pass pass = logits.pass();
    Buffer weights = Targets.weights(pass, classWeights);
    boolean hard = target.dtype() == DType.I32;
    Tensor loss =
        LossOp.apply(
            "CrossEntropyLoss",
            logits,
            target,
            (losses, x, t, out, gradient) -> {
              if (hard) {
                losses.crossEntropy(spec, x, t, weights, out, gradient);
              } else {
                losses.softCrossEntropy(spec, x, t, weights, out, gradient);
              }
            });
    pass.giveBack(weights);
    return loss;
  }
}
