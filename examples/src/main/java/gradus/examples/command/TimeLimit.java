package gradus.examples.command;

import gradus.train.StepReport;
import gradus.train.Trainer;
import gradus.train.TrainingListener;

/** Stops a run after so much time. */
final class TimeLimit implements TrainingListener {
  private final Trainer trainer;
  private final double seconds;
  private long start;
  private boolean reached;

  /**
   * Will stop {@code trainer}.
   *
   * @param secondsOrNull null for no limit
   */
  TimeLimit(Trainer trainer, Double secondsOrNull) {
    this.trainer = trainer;
    this.seconds = secondsOrNull == null ? Double.POSITIVE_INFINITY : secondsOrNull;
  }

  @Override
  public void onStart(int epochs) {
    start = System.nanoTime();
  }

  @Override
  public void onStep(StepReport step) {
    if (!reached && (System.nanoTime() - start) * 1e-9 > seconds) {
      reached = true;
      trainer.stop();
    }
  }

  /** Whether it was this that stopped the run. */
  boolean reached() {
    return reached;
  }
}
