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
 * @param lossScaling how the loss of float16 was scaled; null in other precisions
 */
public record TrainingReport(
    List<EpochReport> epochs,
    StopReason reason,
    long steps,
    double seconds,
    double imagesPerSecond,
    int bestEpoch,
    LossScaling lossScaling) {
  /** Keeps its own copy of the list. */
  public TrainingReport {
    epochs = List.copyOf(epochs);
  }

  /** A run that kept its last weights, in another precision than float16. */
  public TrainingReport(
      List<EpochReport> epochs,
      StopReason reason,
      long steps,
      double seconds,
      double imagesPerSecond) {
    this(epochs, reason, steps, seconds, imagesPerSecond, 0, null);
  }
}
