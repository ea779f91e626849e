package gradus.train;

import java.util.List;

/**
 * What a whole run came to.
 *
 * @param epochs the finished ones, in order, those before a resumed checkpoint included
 * @param reason why it ended
 * @param steps updates made, since the start or the resumption
 * @param seconds from start to end, with validation
 * @param imagesPerSecond while training, over the whole run
 * @param bestEpoch whose weights {@link EarlyStopping} gave back, from 1; 0 if the weights are the
 *     last
 */
public record TrainingReport(
    List<EpochReport> epochs,
    StopReason reason,
    long steps,
    double seconds,
    double imagesPerSecond,
    int bestEpoch) {
  /** Keeps its own copy of the list. */
  public TrainingReport {
    epochs = List.copyOf(epochs);
  }

  /** A run that kept its last weights. */
  public TrainingReport(
      List<EpochReport> epochs,
      StopReason reason,
      long steps,
      double seconds,
      double imagesPerSecond) {
    this(epochs, reason, steps, seconds, imagesPerSecond, 0);
  }
}
