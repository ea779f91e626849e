package gradus.train;

/** Why a training run ended. */
public enum StopReason {
  /** All epochs are done. */
  COMPLETED("all epochs done"),
  /** Somebody asked for it, with Ctrl-C or {@link Trainer#stop}. */
  REQUESTED("stopped on request"),
  /** The loss was NaN or infinite: going on would only destroy more. */
  NON_FINITE_LOSS(
      "the loss is no longer a number: try a learning rate ten times smaller, and check that inputs are normalised");

  private final String sentence;

  StopReason(String sentence) {
    this.sentence = sentence;
  }

  /** The reason in words, with a remedy where one is needed. */
  public String sentence() {
    return sentence;
  }
}
