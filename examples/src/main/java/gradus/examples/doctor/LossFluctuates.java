package gradus.examples.doctor;

import gradus.doctor.Diagnosis;
import gradus.examples.doctor.Scenario.Twin;
import gradus.metric.Monitor;
import gradus.schedule.ReduceLROnPlateau;
import gradus.schedule.Schedule;

/**
 * The loss jumps, progress is slow: a schedule that is told of the training loss of every batch
 * takes their noise for a plateau.
 */
final class LossFluctuates {
  private final Pictures color;

  LossFluctuates(Pictures color) {
    this.color = color;
  }

  Demo demo() {
    return new Demo(
        "loss-fluctuates",
        "Why does the loss fluctuate, and why is convergence so slow?",
        "ReduceLROnPlateau is called in the loop over the batches, with the loss of the batch: its"
            + " patience of 5 is over after 6 batches.",
        "Trainer.reduceOnPlateau tells it of the validation, once per epoch.",
        Scenario.faulty(
            "loss-fluctuates",
            "ReduceLROnPlateau per batch",
            Twin.B,
            () ->
                Recipe.normalized(color)
                    .optimizer(Recipe.sgd(0.05))
                    .loop(RateFaults.plateauPerBatch()),
            Diagnosis.LR_SCHEDULE_COLLAPSE),
        Scenario.healthy(
            "loss-fluctuates cured",
            "ReduceLROnPlateau per epoch",
            Twin.B,
            () ->
                Recipe.normalized(color)
                    .optimizer(Recipe.sgd(0.05))
                    .loop(
                        Loop.trainer(
                            trainer ->
                                trainer
                                    .schedule(Schedule.constant())
                                    .reduceOnPlateau(
                                        new ReduceLROnPlateau(Monitor.VALIDATION_LOSS)
                                            .patience(5))))));
  }
}
