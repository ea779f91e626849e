package gradus.doctor;

/**
 * What a run shows when something is wrong with it, measured against a reference: the loss of a
 * predictor that knows the classes' shares alone, or the run's own past. Without one there is no
 * diagnosis.
 */
public enum Symptom {
  /** The loss, a gradient or a weight is no number. */
  NON_FINITE("the loss or a gradient is no number any more"),
  /** The loss climbs far above where it began, or above its own best. */
  DIVERGING("the loss climbs instead of falling"),
  /** The network has learned nothing from the pixels. */
  FLAT("the loss stays where guessing would be"),
  /** It learns, but will not get anywhere within the planned epochs. */
  SLOW("the loss falls too slowly for the epochs planned"),
  /** The loss jumps up and down from one evaluation to the next. */
  OSCILLATING("the loss jumps up and down"),
  /** It has learned something and then stopped, far from done. */
  STALLED("the loss has stopped falling far from done"),
  /** Much better on the images it trains on than on others. */
  GAP("much better on the training images than on the validation's"),
  /** The validation loss rises while the training loss still falls. */
  RISING("the validation loss rises while the training loss falls"),
  /** The training images are learned by heart, and the validation gets no better any more. */
  MEMORIZED("the training images are learned by heart, and the validation gets no better"),
  /** One class gets nearly all predictions, or a class is hardly ever found. */
  COLLAPSED("some classes are hardly ever predicted"),
  /** The same images are judged differently in training and evaluation mode. */
  INCONSISTENT("the same images are judged differently in training and in evaluation"),
  /** The run ended while it was still getting better. */
  STILL_IMPROVING("the run ends while it is still getting better"),
  /**
   * Much of the training images is unlearned at the end. That may be as good as it gets: only what
   * was noted before training is tried, and must get further in a few steps than the whole run.
   */
  UNLEARNED("the run ends with much of its training images unlearned"),
  /** Better on the validation images than on those it trains on, seen in the same way. */
  REVERSED("better on the validation images than on the training images, seen in the same way"),
  /** Weight decay pulls far harder than is usual next to the data, and much is unlearned. */
  HELD_BACK("weight decay pulls the weights back while much is unlearned"),
  /** A defect of data or network that is certain without training. */
  STATIC("a defect that shows without training");

  private final String sentence;

  Symptom(String sentence) {
    this.sentence = sentence;
  }

  /** What it looks like, in words that follow "Symptom:". */
  public String sentence() {
    return sentence;
  }
}
