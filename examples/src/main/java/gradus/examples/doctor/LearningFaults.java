package gradus.examples.doctor;

import static gradus.doctor.Diagnosis.BATCH_TOO_SMALL;
import static gradus.doctor.Diagnosis.CAPACITY_TOO_HIGH;
import static gradus.doctor.Diagnosis.CAPACITY_TOO_LOW;
import static gradus.doctor.Diagnosis.EVAL_MODE_ERROR;
import static gradus.doctor.Diagnosis.INSUFFICIENT_DATA;
import static gradus.doctor.Diagnosis.LR_TOO_HIGH;
import static gradus.doctor.Diagnosis.LR_TOO_LOW;
import static gradus.doctor.Diagnosis.OVERFITTING;
import static gradus.doctor.Diagnosis.OVER_REGULARIZATION;
import static gradus.doctor.Diagnosis.PARAMETERS_NOT_UPDATING;
import static gradus.doctor.Diagnosis.UNDERTRAINED;
import static gradus.examples.doctor.Scenario.faulty;

import gradus.examples.doctor.Scenario.Twin;
import gradus.optim.SGD;
import gradus.schedule.Schedule;
import java.util.List;

/** How much is learned, from how much, and how it is judged. */
final class LearningFaults {
  private final Pictures grey;
  private final Pictures color;

  LearningFaults(Pictures grey, Pictures color) {
    this.grey = grey;
    this.color = color;
  }

  List<Scenario> all() {
    return List.of(p17(), p18(), p19(), p20(), p21(), p23(), p24());
  }

  private Scenario p17() {
    return faulty(
        "P17",
        "batches of 1, learning rate kept",
        Twin.A,
        () -> Recipe.plain(grey).batch(1),
        BATCH_TOO_SMALL,
        LR_TOO_HIGH);
  }

  private Scenario p18() {
    return faulty(
        "P18",
        "250 training images, no augmentation, no weight decay, 60 epochs",
        Twin.B,
        () ->
            Recipe.normalized(color.perClass(label -> 25))
                .augmentation()
                .optimizer(Recipe.adamW(0.01, 0))
                .epochs(60),
        OVERFITTING,
        INSUFFICIENT_DATA,
        CAPACITY_TOO_HIGH);
  }

  private Scenario p19() {
    return faulty(
        "P19",
        "weight decay 0.1, added to the gradient",
        Twin.A,
        () ->
            Recipe.plain(grey)
                .optimizer(
                    p -> SGD.of(p).learningRate(0.05).momentum(0.9).weightDecay(0.1).build()),
        OVER_REGULARIZATION);
  }

  private Scenario p20() {
    return faulty(
        "P20",
        "dropout 0.5 after every pool and the units, and validation in training mode",
        Twin.A,
        () ->
            Recipe.plain(grey)
                .network(() -> Networks.plainWithDropout(0.5))
                .loop(new TrainingModeValidation()),
        EVAL_MODE_ERROR,
        OVER_REGULARIZATION);
  }

  private Scenario p21() {
    return faulty(
        "P21",
        "one convolution of 2 filters and stride 4",
        Twin.B,
        () -> Recipe.normalized(color).network(Networks::tiny),
        CAPACITY_TOO_LOW);
  }

  private Scenario p23() {
    return faulty(
        "P23",
        "the optimizer has the parameters of a copy",
        Twin.A,
        () -> Recipe.plain(grey).optimizesCopy(),
        PARAMETERS_NOT_UPDATING);
  }

  private Scenario p24() {
    return faulty(
        "P24",
        "1 epoch, learning rate 0.003",
        Twin.B,
        () ->
            Recipe.normalized(color)
                .optimizer(Recipe.adamW(0.003, 0.01))
                .schedule(epochs -> Schedule.constant())
                .epochs(1),
        UNDERTRAINED,
        LR_TOO_LOW);
  }
}
