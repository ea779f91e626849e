package gradus.examples.doctor;

import gradus.data.DataLoader;
import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.optim.Optimizer;
import gradus.schedule.Schedule;
import gradus.train.Trainer;
import gradus.train.TrainingListener;
import java.util.List;
import java.util.function.Consumer;

/** How a run trains. */
@FunctionalInterface
public interface Loop {
  /** The loop that is right: a {@link Trainer}. */
  Loop TRAINER = trainer(trainer -> {});

  /** A {@link Trainer} with further settings. */
  static Loop trainer(Consumer<Trainer> settings) {
    return run -> {
      Trainer trainer =
          new Trainer(run.model(), run.loss(), run.optimizer())
              .seed(run.seed())
              .schedule(run.schedule());
      settings.accept(trainer);
      run.listeners().forEach(trainer::listener);
      trainer.fit(run.train(), run.validation(), run.epochs());
    };
  }

  /** Trains, and tells the listeners all the while. */
  void train(Run run);

  /** All a loop needs. */
  record Run(
      Model model,
      Loss loss,
      Optimizer optimizer,
      DataLoader train,
      DataLoader validation,
      int epochs,
      Schedule schedule,
      long seed,
      List<TrainingListener> listeners) {}
}
