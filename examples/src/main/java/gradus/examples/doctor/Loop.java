package gradus.examples.doctor;

import gradus.data.DataLoader;
import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.optim.Optimizer;
import gradus.schedule.Schedule;
import gradus.train.Trainer;
import gradus.train.TrainingListener;
import gradus.train.TreatingListener;
import java.util.List;
import java.util.function.Consumer;

/** How a run trains. */
@FunctionalInterface
public interface Loop {
  /** The loop that is right: a {@link Trainer}. */
  Loop TRAINER = trainer(trainer -> {});

  /** A {@link Trainer} with further settings; of its listeners a doctor may change the run. */
  static Loop trainer(Consumer<Trainer> settings) {
    return new Loop() {
      @Override
      public void train(Run run) {
        Trainer trainer =
            new Trainer(run.model(), run.loss(), run.optimizer())
                .seed(run.seed())
                .schedule(run.schedule());
        settings.accept(trainer);
        for (TrainingListener listener : run.listeners()) {
          if (listener instanceof TreatingListener doctor) {
            trainer.doctor(doctor);
          } else {
            trainer.listener(listener);
          }
        }
        trainer.fit(run.train(), run.validation(), run.epochs());
      }

      @Override
      public boolean isTreatable() {
        return true;
      }
    };
  }

  /** Trains, and tells the listeners all the while. */
  void train(Run run);

  /** Whether a doctor among the listeners may change the run. */
  default boolean isTreatable() {
    return false;
  }

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
      List<TrainingListener> listeners) {
    /** The same, watched by others. */
    Run watchedBy(List<TrainingListener> others) {
      return new Run(
          model, loss, optimizer, train, validation, epochs, schedule, seed, List.copyOf(others));
    }
  }
}
