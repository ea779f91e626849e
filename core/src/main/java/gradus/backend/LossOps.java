package gradus.backend;

import gradus.backend.spec.CrossEntropySpec;
import gradus.tensor.Shape;

/**
 * Losses. Each computes the mean loss into a dense scalar and, in the same pass, the gradient of
 * that mean with respect to its input, unless {@code gradient} is null.
 */
public interface LossOps {
  /**
   * Softmax cross-entropy (or focal loss) of logits {@code [N,C]} against labels {@code [N]} (I32,
   * dense).
   *
   * @param classWeights dense {@code [C]}, or null for all ones
   */
  void crossEntropy(
      CrossEntropySpec spec,
      Buffer logits,
      Buffer labels,
      Buffer classWeights,
      Buffer loss,
      Buffer gradient);

  /**
   * Softmax cross-entropy of logits {@code [N,C]} against target distributions {@code [N,C]}, the
   * mean over N. Label smoothing mixes the targets with the uniform distribution. Class weights
   * multiply the terms of their class; the mean stays over N, as PyTorch's does for probabilities.
   */
  void softCrossEntropy(
      CrossEntropySpec spec,
      Buffer logits,
      Buffer targets,
      Buffer classWeights,
      Buffer loss,
      Buffer gradient);

  /** The mean over all elements of (x - target)^2. */
  void meanSquaredError(Shape shape, Buffer x, Buffer target, Buffer loss, Buffer gradient);

  /**
   * The mean over all elements of the binary cross-entropy of sigmoid(x) against the target in
   * [0,1].
   */
  void binaryCrossEntropyWithLogits(
      Shape shape, Buffer x, Buffer target, Buffer loss, Buffer gradient);

  /**
   * correct[0] (F32) = how many rows of {@code [N,C]} have their (first) maximum at the label. A
   * row with a NaN has no maximum.
   */
  void countCorrect(int n, int classes, Buffer logits, Buffer labels, Buffer correct);
}
