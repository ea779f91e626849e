package gradus.train;

/** Why a training run ended. */
public enum StopReason {
  /** All epochs are done. */
  COMPLETED("all epochs done"),
  /** Somebody asked for it, with Ctrl-C or {@link Trainer#stop}. */
  REQUESTED("stopped on request"),
  /** {@link EarlyStopping} lost its patience. */
  EARLY_STOPPING("the validation stopped getting better, so going on would only overfit"),
  /** The loss was NaN or infinite: going on would only destroy more. */
  NON_FINITE_LOSS(
      "the loss is no longer a number: try a learning rate ten times smaller, and check that inputs are normalised"),
  /**
   * The gradient was NaN or infinite, found while clipping it, or in float16 where no smaller scale
   * of the loss is left.
   */
  NON_FINITE_GRADIENT(
      "the gradient is no longer a number though the loss is: try a learning rate ten times smaller, and check the inputs for extreme values");

  private final String sentence;

  StopReason(String sentence) {
    this.sentence = sentence;
  }

  /** What happened, in words, without a remedy. */
  public String event() {
    int remedy = sentence.indexOf(':');
    return remedy < 0 ? sentence : sentence.substring(0, remedy);
  }

  /** The reason in words, with a remedy where one is needed. */
  public String sentence() {
    return sentence;
  }
}
