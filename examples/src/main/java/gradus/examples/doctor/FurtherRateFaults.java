package gradus.examples.doctor;

import static gradus.doctor.Diagnosis.BATCH_TOO_LARGE;
import static gradus.doctor.Diagnosis.BATCH_TOO_SMALL;
import static gradus.doctor.Diagnosis.DEAD_RELU;
import static gradus.doctor.Diagnosis.LR_SCHEDULE_COLLAPSE;
import static gradus.doctor.Diagnosis.LR_TOO_HIGH;
import static gradus.doctor.Diagnosis.LR_TOO_LOW;
import static gradus.doctor.Diagnosis.OPTIMIZER_MISCONFIGURED;
import static gradus.doctor.Diagnosis.PARAMETERS_NOT_UPDATING;
import static gradus.doctor.Diagnosis.UNDERTRAINED;
import static gradus.examples.doctor.Scenario.faulty;

import gradus.examples.doctor.Scenario.Twin;
import gradus.layer.Initializer;
import gradus.layer.LeakyReLU;
import gradus.optim.Adam;
import gradus.optim.RMSprop;
import gradus.optim.SGD;
import gradus.schedule.Schedule;
import java.util.List;

/** Rates, schedules, optimizers and batches that do not suit, other than the public ones. */
final class FurtherRateFaults {
  private final Pictures grey;
  private final Pictures color;

  FurtherRateFaults(Pictures grey, Pictures color) {
    this.grey = grey;
    this.color = color;
  }

  List<Scenario> all() {
    return List.of(
        momentum(),
        epsilon(),
        largeBatch(),
        rmsprop(),
        nesterov(),
        tinyAdam(),
        stepwise(),
        shortCosine(),
        longWarmup(),
        rateZero(),
        clipped(),
        pairs());
  }

  private Scenario momentum() {
    return faulty(
        "V07",
        "momentum 0.99",
        Twin.A,
        () ->
            Recipe.plain(grey).optimizer(p -> SGD.of(p).learningRate(0.05).momentum(0.99).build()),
        OPTIMIZER_MISCONFIGURED,
        LR_TOO_HIGH);
  }

  private Scenario epsilon() {
    return faulty(
        "V08",
        "Adam with epsilon 1",
        Twin.A,
        () -> Recipe.plain(grey).optimizer(p -> Adam.of(p).epsilon(1).build()),
        OPTIMIZER_MISCONFIGURED,
        LR_TOO_LOW);
  }

  private Scenario largeBatch() {
    return faulty(
        "V09",
        "batches of 2,500 of 5,000 images",
        Twin.A,
        () -> Recipe.plain(grey).batch(2_500),
        BATCH_TOO_LARGE,
        UNDERTRAINED,
        LR_TOO_LOW);
  }

  private Scenario rmsprop() {
    return faulty(
        "V13",
        "LeNet, RMSprop, learning rate 0.1",
        Twin.C,
        () -> Recipe.lenet(grey).optimizer(p -> RMSprop.of(p).learningRate(0.1).build()),
        LR_TOO_HIGH,
        DEAD_RELU);
  }

  private Scenario nesterov() {
    return faulty(
        "V14",
        "leaky ReLUs, Nesterov's momentum, learning rate 0.3",
        Twin.A,
        () ->
            Recipe.plain(grey)
                .network(
                    () -> FurtherNetworks.activated(LeakyReLU::new, Initializer.kaimingNormal()))
                .optimizer(p -> SGD.of(p).learningRate(0.3).momentum(0.9).nesterov().build()),
        LR_TOO_HIGH);
  }

  private Scenario tinyAdam() {
    return faulty(
        "V15",
        "Adam, learning rate 1e-6",
        Twin.A,
        () -> Recipe.plain(grey).optimizer(p -> Adam.of(p).learningRate(1e-6).build()),
        LR_TOO_LOW,
        UNDERTRAINED);
  }

  private Scenario stepwise() {
    return faulty(
        "V16",
        "the rate a tenth every 20 steps, which were meant to be epochs",
        Twin.A,
        () ->
            Recipe.plain(grey)
                .optimizer(Recipe.sgd(0.01))
                .schedule(epochs -> Schedule.step(20.0 / 79, 0.1)),
        LR_SCHEDULE_COLLAPSE,
        LR_TOO_LOW,
        UNDERTRAINED);
  }

  private Scenario shortCosine() {
    return faulty(
        "V17",
        "a cosine over a tenth of the run",
        Twin.B,
        () -> Recipe.normalized(color).schedule(epochs -> Schedule.cosine(0.1 * epochs)),
        LR_SCHEDULE_COLLAPSE,
        LR_TOO_LOW,
        UNDERTRAINED);
  }

  private Scenario longWarmup() {
    return faulty(
        "V18",
        "a warm-up of 2,000 epochs in a run of 6",
        Twin.B,
        () -> Recipe.normalized(color).schedule(epochs -> Schedule.constant().warmup(2_000)),
        LR_TOO_LOW,
        LR_SCHEDULE_COLLAPSE,
        UNDERTRAINED);
  }

  private Scenario rateZero() {
    return faulty(
        "V23",
        "learning rate 0",
        Twin.B,
        () -> Recipe.normalized(color).schedule(epochs -> Schedule.lambda(epoch -> 0)),
        PARAMETERS_NOT_UPDATING,
        LR_TOO_LOW);
  }

  private Scenario clipped() {
    return faulty(
        "V25",
        "the gradient clipped at a norm of 0.0001",
        Twin.A,
        () -> Recipe.plain(grey).loop(Loop.trainer(t -> t.clipGradientNorm(1e-4))),
        LR_TOO_LOW,
        OPTIMIZER_MISCONFIGURED,
        UNDERTRAINED);
  }

  private Scenario pairs() {
    return faulty(
        "V31",
        "LeNet with batch normalisation, batches of 2",
        Twin.C,
        () -> Recipe.lenet(grey).network(FurtherNetworks::normalizedLenet).batch(2),
        BATCH_TOO_SMALL,
        LR_TOO_HIGH);
  }
}
