package gradus.train;

import java.util.Locale;
import java.util.Optional;

/**
 * How the loss of a run in float16 was scaled.
 *
 * @param scale at the end
 * @param skipped updates left out because gradients overflowed, since the start or the resumption
 */
public record LossScaling(float scale, long skipped) {
  /**
   * What to tell of it, as sentences; empty if nothing happened that anybody should know.
   *
   * @param reason why the run ended
   */
  public Optional<String> remark(StopReason reason) {
    if (reason == StopReason.NON_FINITE_LOSS) {
      return Optional.of(
          "float16: activations beyond 65504 become infinite in it, and a loss no number with them."
              + " If it is a number in bf16 or fp32, that was it.");
    }
    if (reason == StopReason.NON_FINITE_GRADIENT) {
      return Optional.of(
          "float16: the loss scale has come down to 1, so the gradients themselves are beyond"
              + " float16. Take bf16 or fp32.");
    }
    if (scale <= 1) {
      return Optional.of(
          "float16: the loss scale has come down to 1, its least, where small gradients are lost."
              + " Take bf16 or fp32.");
    }
    if (skipped == 0) {
      return Optional.empty();
    }
    String updates = skipped == 1 ? "1 update was" : skipped + " updates were";
    return Optional.of(
        String.format(
            Locale.ROOT,
            "float16: %s left out while the loss scale was found; it is %.0f now.",
            updates,
            scale));
  }
}
