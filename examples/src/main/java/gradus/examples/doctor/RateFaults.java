package gradus.examples.doctor;

import static gradus.doctor.Diagnosis.DEAD_RELU;
import static gradus.doctor.Diagnosis.LR_SCHEDULE_COLLAPSE;
import static gradus.doctor.Diagnosis.LR_TOO_HIGH;
import static gradus.doctor.Diagnosis.LR_TOO_LOW;
import static gradus.doctor.Diagnosis.UNDERTRAINED;
import static gradus.examples.doctor.Scenario.faulty;

import gradus.examples.doctor.Scenario.Twin;
import gradus.metric.Monitor;
import gradus.optim.Adam;
import gradus.optim.SGD;
import gradus.schedule.ReduceLROnPlateau;
import gradus.train.StepReport;
import gradus.train.TrainingListener;
import java.util.List;

/** Learning rates that do not suit. */
final class RateFaults {
  private final Pictures grey;
  private final Pictures color;

  RateFaults(Pictures grey, Pictures color) {
    this.grey = grey;
    this.color = color;
  }

  List<Scenario> all() {
    return List.of(p01(), p02(), p03(), p04(), p05());
  }

  private Scenario p01() {
    return faulty(
        "P01",
        "learning rate 1.0, momentum 0.9",
        Twin.A,
        () -> Recipe.plain(grey).optimizer(Recipe.sgd(1)),
        LR_TOO_HIGH);
  }

  private Scenario p02() {
    return faulty(
        "P02",
        "plain SGD, learning rate 0.5",
        Twin.A,
        () -> Recipe.plain(grey).optimizer(p -> SGD.of(p).learningRate(0.5).momentum(0).build()),
        LR_TOO_HIGH);
  }

  private Scenario p03() {
    return faulty(
        "P03",
        "Adam, learning rate 0.1",
        Twin.A,
        () -> Recipe.plain(grey).optimizer(p -> Adam.of(p).learningRate(0.1).build()),
        LR_TOO_HIGH,
        DEAD_RELU);
  }

  private Scenario p04() {
    return faulty(
        "P04",
        "plain SGD, learning rate 1e-5",
        Twin.A,
        () -> Recipe.plain(grey).optimizer(p -> SGD.of(p).learningRate(1e-5).momentum(0).build()),
        LR_TOO_LOW,
        UNDERTRAINED);
  }

  private Scenario p05() {
    return faulty(
        "P05",
        "ReduceLROnPlateau (patience 5, factor 0.1) told of the training loss of every batch",
        Twin.B,
        () -> Recipe.normalized(color).optimizer(Recipe.sgd(0.05)).loop(plateauPerBatch()),
        LR_SCHEDULE_COLLAPSE,
        LR_TOO_LOW);
  }

  /** A schedule that is told of every batch: steps count as epochs, and noise as a plateau. */
  static Loop plateauPerBatch() {
    return Loop.trainer(
        trainer -> {
          ReduceLROnPlateau plateau = new ReduceLROnPlateau(Monitor.VALIDATION_LOSS).patience(5);
          trainer
              .schedule(epoch -> plateau.factor())
              .listener(
                  new TrainingListener() {
                    @Override
                    public void onStep(StepReport report) {
                      plateau.epochDone(plateau.state().epoch() + 1, report.loss());
                    }
                  });
        });
  }
}
