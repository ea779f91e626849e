package gradus.examples.doctor;

import static gradus.doctor.Diagnosis.CAPACITY_TOO_HIGH;
import static gradus.doctor.Diagnosis.EARLY_STOPPING_TOO_EAGER;
import static gradus.doctor.Diagnosis.INSUFFICIENT_DATA;
import static gradus.doctor.Diagnosis.LR_TOO_LOW;
import static gradus.doctor.Diagnosis.OVERFITTING;
import static gradus.doctor.Diagnosis.OVER_REGULARIZATION;
import static gradus.doctor.Diagnosis.UNDERTRAINED;
import static gradus.examples.doctor.Scenario.faulty;

import gradus.examples.doctor.Scenario.Twin;
import gradus.metric.Monitor;
import gradus.schedule.Schedule;
import gradus.train.EarlyStopping;
import java.util.List;

/** How much is learned, and from how much, other than the public ones. */
final class FurtherLearningFaults {
  private final Pictures grey;
  private final Pictures color;

  FurtherLearningFaults(Pictures grey, Pictures color) {
    this.grey = grey;
    this.color = color;
  }

  List<Scenario> all() {
    return List.of(
        hundredImages(), impatient(), wide(), heavyDecay(), heavyDropout(), oneEpoch(), byHeart());
  }

  private Scenario hundredImages() {
    return faulty(
        "V04",
        "LeNet, 100 training images, 60 epochs",
        Twin.C,
        () ->
            Recipe.lenet(grey.perClass(label -> 10))
                .optimizer(Recipe.sgd(0.01))
                .batch(20)
                .epochs(60),
        INSUFFICIENT_DATA,
        OVERFITTING,
        CAPACITY_TOO_HIGH);
  }

  private Scenario impatient() {
    return faulty(
        "V11",
        "early stopping that waits for one epoch to be better by 0.1",
        Twin.B,
        () ->
            Recipe.normalized(color)
                .optimizer(Recipe.sgd(0.02))
                .schedule(epochs -> Schedule.constant())
                .epochs(30)
                .loop(
                    Loop.trainer(
                        t ->
                            t.earlyStopping(
                                new EarlyStopping(Monitor.VALIDATION_LOSS)
                                    .patience(1)
                                    .minDelta(0.1)))),
        EARLY_STOPPING_TOO_EAGER,
        UNDERTRAINED);
  }

  private Scenario wide() {
    return faulty(
        "V12",
        "2.2 million weights for 300 drawn pictures, 40 epochs",
        Twin.B,
        () ->
            Recipe.normalized(color.perClass(label -> 30))
                .network(FurtherNetworks::wide)
                .augmentation()
                .optimizer(Recipe.sgd(0.01))
                .epochs(40),
        CAPACITY_TOO_HIGH,
        OVERFITTING,
        INSUFFICIENT_DATA);
  }

  private Scenario heavyDecay() {
    return faulty(
        "V26",
        "AdamW, weight decay 10",
        Twin.B,
        () -> Recipe.normalized(color).optimizer(Recipe.adamW(0.01, 10)),
        OVER_REGULARIZATION);
  }

  private Scenario heavyDropout() {
    return faulty(
        "V27",
        "dropout 0.9 after every pool and the units",
        Twin.A,
        () -> Recipe.plain(grey).network(() -> Networks.plainWithDropout(0.9)),
        OVER_REGULARIZATION);
  }

  private Scenario oneEpoch() {
    return faulty(
        "V37",
        "1,000 images, 1 epoch",
        Twin.A,
        () -> Recipe.plain(grey.perClass(label -> 100)).optimizer(Recipe.sgd(0.01)).epochs(1),
        UNDERTRAINED,
        LR_TOO_LOW,
        INSUFFICIENT_DATA);
  }

  private Scenario byHeart() {
    return faulty(
        "V38",
        "200 images, 80 epochs",
        Twin.A,
        () ->
            Recipe.plain(grey.perClass(label -> 20))
                .optimizer(Recipe.sgd(0.02))
                .batch(32)
                .epochs(80),
        OVERFITTING,
        INSUFFICIENT_DATA,
        CAPACITY_TOO_HIGH);
  }
}
