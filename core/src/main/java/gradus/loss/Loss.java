package gradus.loss;

import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.tensor.Batch;

/**
 * Turns the output of a network and what it should have been into one number to make small, the
 * mean over the batch.
 */
public interface Loss {
  /**
   * The loss, a scalar.
   *
   * @param output {@code [N,C]}: logits for classifiers
   * @param target class numbers {@code [N]} (I32), or values shaped like the output
   */
  Tensor apply(Tensor output, Tensor target);

  /**
   * What this loss compares the output for a batch with, brought to the device: the batch's targets
   * where it has some, else its labels as this loss takes them. What trains or judges a model asks
   * for it before the network computes.
   *
   * @param outputs how many numbers the network gives for an image
   */
  default Tensor target(Pass pass, Batch batch, int outputs) {
    return pass.targets(batch);
  }

  /** What each class counts, where they count differently; null if all count alike. */
  default float[] weightsOfClasses() {
    return null;
  }

  /**
   * The output for one image that makes the loss least, so that its least is known; null if it does
   * not say. Where several targets are as likely, that of their mean is the best guess.
   *
   * @param target shares of the classes, or the values wanted
   */
  default float[] bestOutput(float... target) {
    return null;
  }
}
