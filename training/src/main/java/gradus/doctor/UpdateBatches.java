package gradus.doctor;

import gradus.train.Accumulation;
import gradus.train.StepReport;

/**
 * The batches of an update, gathered to one step: it is updates that the rules count, and that
 * trials make.
 */
final class UpdateBatches {
  private int examples;
  private int correct;
  private double lossSum;
  private double learningRate;

  /**
   * Adds a batch.
   *
   * @return whether these are all of a step, which is to be taken then
   */
  boolean add(StepReport batch, Accumulation accumulation) {
    if (batch.step() == 1) {
      forget(); // of an epoch that was broken off
    }
    examples += batch.examples();
    correct += batch.correct();
    lossSum += (double) batch.loss() * batch.examples();
    learningRate = batch.learningRate();
    // A loss that is no number is not waited for: what has gathered before it makes no update.
    return accumulation.endsUpdate(batch.step(), batch.steps()) || !Float.isFinite(batch.loss());
  }

  /** Puts their mean into a log. */
  void tell(StepLog log) {
    log.add(lossSum / examples, (double) correct / examples, learningRate);
  }

  /** The next update begins. */
  void forget() {
    examples = 0;
    correct = 0;
    lossSum = 0;
  }
}
