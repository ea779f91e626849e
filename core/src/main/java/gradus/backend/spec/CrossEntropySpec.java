package gradus.backend.spec;

import gradus.GradusException;

/**
 * Softmax cross-entropy of logits {@code [N,classes]}. With smoothing s the target is {@code (1-s)
 * onehot + s/classes}. The mean is weighted as PyTorch's: the sum of weighted losses over the sum
 * of the labels' weights.
 *
 * @param focusing the exponent of the focal loss {@code (1-p)^focusing}; 0 is plain cross-entropy.
 *     Only with hard labels and no smoothing.
 */
public record CrossEntropySpec(int n, int classes, float labelSmoothing, float focusing) {

  /** Checks every number. */
  public CrossEntropySpec {
    if (n < 1 || classes < 2) {
      throw new GradusException(
          "Cross-entropy needs at least one example and two classes, but got "
              + n
              + " and "
              + classes
              + ".");
    }
    if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
      throw new GradusException(
          "Label smoothing is " + labelSmoothing + ", but must be from 0 to below 1.");
    }
    if (!(focusing >= 0) || (focusing > 0 && labelSmoothing > 0)) {
      throw new GradusException(
          "The focal exponent is "
              + focusing
              + ": it must not be negative, nor be used with label smoothing.");
    }
  }
}
