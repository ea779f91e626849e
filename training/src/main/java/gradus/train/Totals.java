package gradus.train;

/** Sums of an epoch or of a run. */
final class Totals {
  private int steps;
  private int batches;
  private long examples;
  private long learned;
  private long correct;
  private double lossSum;
  private double seconds;

  void add(StepReport step) {
    steps++;
    examples += step.examples();
    correct += step.correct();
    if (Float.isFinite(step.loss())) { // else the run ends, or was put back to before
      lossSum += (double) step.loss() * step.examples();
      learned += step.examples();
    }
  }

  void add(Totals other) {
    steps += other.steps;
    examples += other.examples;
    correct += other.correct;
    lossSum += other.lossSum;
    seconds += other.seconds;
  }

  int steps() {
    return steps;
  }

  /** Those of a whole epoch: more than its steps where it was broken off. */
  int batches() {
    return batches;
  }

  void setBatches(int value) {
    batches = value;
  }

  void setSeconds(double value) {
    seconds = value;
  }

  /** While training; 0 where there was none. */
  double imagesPerSecond() {
    return examples == 0 ? 0 : examples / seconds;
  }

  EpochReport report(int epoch, Evaluation validation, double learningRate) {
    return new EpochReport(
        epoch,
        lossSum / learned,
        (double) correct / examples,
        validation.loss(),
        validation.accuracy(),
        learningRate,
        seconds,
        examples / seconds,
        validation.metrics());
  }
}
