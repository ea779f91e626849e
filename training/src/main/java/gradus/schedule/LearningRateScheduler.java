package gradus.schedule;

import gradus.optim.Optimizer;
import gradus.train.StepReport;
import gradus.train.TrainingListener;

/** Gives an optimizer the learning rate of a schedule before every step of a {@code Trainer}. */
public final class LearningRateScheduler implements TrainingListener {
  private final Optimizer optimizer;
  private final Schedule schedule;

  /** Sets the rate of {@code optimizer}, whose own count of steps says where the run stands. */
  public LearningRateScheduler(Optimizer optimizer, Schedule schedule) {
    this.optimizer = optimizer;
    this.schedule = schedule;
  }

  @Override
  public void onStart(int epochs) {
    optimizer.setLearningRate(schedule.at(optimizer.steps()));
  }

  @Override
  public void onStep(StepReport report) {
    optimizer.setLearningRate(schedule.at(optimizer.steps()));
  }
}
