package gradus.train;

import java.util.List;

/**
 * What a whole run came to.
 *
 * @param epochs the finished ones, in order
 * @param reason why it ended
 * @param steps updates made
 * @param seconds from start to end, with validation
 * @param imagesPerSecond while training, over the whole run
 */
public record TrainingReport(
    List<EpochReport> epochs,
    StopReason reason,
    long steps,
    double seconds,
    double imagesPerSecond) {
  /** Keeps its own copy of the list. */
  public TrainingReport {
    epochs = List.copyOf(epochs);
  }
}
