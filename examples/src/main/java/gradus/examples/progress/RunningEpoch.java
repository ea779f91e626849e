package gradus.examples.progress;

import gradus.train.StepReport;
import java.time.Duration;

/** Means over the steps of an epoch so far, and how long the rest of the run will take. */
final class RunningEpoch {
  private final int epochs;
  private final long runStart = System.nanoTime();
  private long epochStart;
  private long examples;
  private long correct;
  private double lossSum;
  private StepReport last;
  private int earlierEpochs; // of the run that this one goes on with

  RunningEpoch(int epochs) {
    this.epochs = epochs;
    this.epochStart = runStart;
  }

  void add(StepReport step) {
    if (last == null) {
      earlierEpochs = step.epoch() - 1;
    }
    last = step;
    examples += step.examples();
    correct += step.correct();
    lossSum += (double) step.loss() * step.examples();
  }

  /** The next step will be the first of another epoch. */
  void endEpoch() {
    examples = 0;
    correct = 0;
    lossSum = 0;
    epochStart = System.nanoTime();
  }

  int epochs() {
    return epochs;
  }

  double loss() {
    return lossSum / examples;
  }

  double accuracy() {
    return (double) correct / examples;
  }

  double imagesPerSecond() {
    return examples * 1e9 / Math.max(1, System.nanoTime() - epochStart);
  }

  /** Until the end of the last epoch, validations included, at the pace so far. */
  Duration left() {
    double done = (last.epoch() - 1) + (double) last.step() / last.steps();
    double pace = (System.nanoTime() - runStart) / (done - earlierEpochs);
    double nanos = pace * (epochs - done);
    return Duration.ofNanos((long) nanos);
  }
}
