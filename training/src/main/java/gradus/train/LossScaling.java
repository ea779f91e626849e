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
          "float16: activations beyond 65504 become infinite in it, and the loss no number with"
              + " them. bf16 and fp32 hold them.");
    }
    String updates = skipped == 1 ? "1 update was" : skipped + " updates were";
    if (scale <= 1) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "float16: %s left out, and the loss scale has come down to 1: the gradients"
                  + " themselves are beyond float16. Take bf16 or fp32.",
              updates));
    }
    return skipped == 0
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "float16: %s left out while the loss scale was found; it is %.0f now.",
                updates,
                scale));
  }
}
