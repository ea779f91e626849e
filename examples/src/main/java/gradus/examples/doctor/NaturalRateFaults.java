package gradus.examples.doctor;

import static gradus.doctor.Diagnosis.BATCH_TOO_LARGE;
import static gradus.doctor.Diagnosis.BATCH_TOO_SMALL;
import static gradus.doctor.Diagnosis.DEAD_RELU;
import static gradus.doctor.Diagnosis.EARLY_STOPPING_TOO_EAGER;
import static gradus.doctor.Diagnosis.EXPLODING_GRADIENTS;
import static gradus.doctor.Diagnosis.LR_SCHEDULE_COLLAPSE;
import static gradus.doctor.Diagnosis.LR_TOO_HIGH;
import static gradus.doctor.Diagnosis.LR_TOO_LOW;
import static gradus.doctor.Diagnosis.OPTIMIZER_MISCONFIGURED;
import static gradus.doctor.Diagnosis.UNDERTRAINED;
import static gradus.examples.doctor.Scenario.faulty;

import gradus.examples.doctor.Scenario.Twin;
import gradus.layer.Initializer;
import gradus.layer.ReLU;
import gradus.metric.Monitor;
import gradus.optim.Adadelta;
import gradus.optim.Adam;
import gradus.schedule.ReduceLROnPlateau;
import gradus.schedule.Schedule;
import gradus.train.EarlyStopping;
import java.util.List;

/** Rates, schedules, optimizers, batches and lengths that do not suit photographs. */
final class NaturalRateFaults {
  private final Pictures natural;

  NaturalRateFaults(Pictures natural) {
    this.natural = natural;
  }

  List<Scenario> all() {
    return List.of(
        largeAdam(),
        largeSgd(),
        tinyAdamW(),
        adadelta(),
        perBatch(),
        hopefulPlateau(),
        swappedBetas(),
        largeBatch(),
        smallBatch(),
        twoEpochs(),
        impatient());
  }

  private Scenario largeAdam() {
    return faulty(
        "N17",
        "Adam, learning rate 0.02",
        Twin.E,
        () -> Recipe.tutorial(natural).optimizer(Recipe.adam(0.02)),
        LR_TOO_HIGH,
        DEAD_RELU);
  }

  private Scenario largeSgd() {
    return faulty(
        "N18",
        "a small VGG, SGD, learning rate 0.25",
        Twin.E,
        () ->
            Recipe.tutorial(natural)
                .network(() -> NaturalNetworks.vgg(ReLU::new, Initializer.kaimingNormal(), 0))
                .optimizer(Recipe.sgd(0.25))
                .epochs(4),
        LR_TOO_HIGH,
        DEAD_RELU,
        EXPLODING_GRADIENTS);
  }

  private Scenario tinyAdamW() {
    return faulty(
        "N19",
        "a ResNet, AdamW, learning rate 5e-6",
        Twin.D,
        () ->
            Recipe.photographs(natural)
                .network(NaturalNetworks::residual)
                .optimizer(Recipe.adamW(5e-6, 0.01)),
        LR_TOO_LOW,
        UNDERTRAINED);
  }

  private Scenario adadelta() {
    return faulty(
        "N20",
        "Adadelta, learning rate 0.001, as Keras has it",
        Twin.E,
        () -> Recipe.tutorial(natural).optimizer(p -> Adadelta.of(p).learningRate(0.001).build()),
        LR_TOO_LOW,
        OPTIMIZER_MISCONFIGURED,
        UNDERTRAINED);
  }

  private Scenario perBatch() {
    return faulty(
        "N21",
        "group norm, AdamW, the rate 7 % less with every batch rather than epoch",
        Twin.D,
        () ->
            Recipe.photographs(natural)
                .network(NaturalNetworks::grouped)
                .optimizer(Recipe.adamW(0.003, 0.01))
                .schedule(epochs -> Schedule.lambda(epoch -> Math.pow(0.93, 94 * epoch))),
        LR_SCHEDULE_COLLAPSE,
        LR_TOO_LOW,
        UNDERTRAINED);
  }

  private Scenario hopefulPlateau() {
    return faulty(
        "N22",
        "ReduceLROnPlateau without patience that wants the loss better by 0.5",
        Twin.E,
        () ->
            Recipe.tutorial(natural)
                .optimizer(Recipe.sgd(0.002))
                .epochs(10)
                .loop(
                    Loop.trainer(
                        t ->
                            t.reduceOnPlateau(
                                new ReduceLROnPlateau(Monitor.VALIDATION_LOSS)
                                    .patience(0)
                                    .absoluteThreshold(0.5)))),
        LR_SCHEDULE_COLLAPSE,
        LR_TOO_LOW,
        UNDERTRAINED);
  }

  private Scenario swappedBetas() {
    return faulty(
        "N23",
        "Adam, betas 0.999 and 0.9",
        Twin.E,
        () ->
            Recipe.tutorial(natural)
                .optimizer(p -> Adam.of(p).learningRate(0.001).betas(0.999, 0.9).build()),
        OPTIMIZER_MISCONFIGURED,
        LR_TOO_HIGH);
  }

  private Scenario largeBatch() {
    return faulty(
        "N24",
        "batches of 2,000 of 6,000 pictures",
        Twin.E,
        () -> Recipe.tutorial(natural).optimizer(Recipe.adam(5e-4)).batch(2_000),
        BATCH_TOO_LARGE,
        UNDERTRAINED,
        LR_TOO_LOW);
  }

  private Scenario smallBatch() {
    return faulty(
        "N25",
        "batch normalisation, batches of 2, learning rate kept",
        Twin.D,
        () -> Recipe.photographs(natural).batch(2).epochs(2),
        BATCH_TOO_SMALL,
        LR_TOO_HIGH);
  }

  private Scenario twoEpochs() {
    return faulty(
        "N26",
        "SGD, learning rate 0.003, 2 epochs",
        Twin.E,
        () -> Recipe.tutorial(natural).optimizer(Recipe.sgd(0.003)).epochs(2),
        UNDERTRAINED,
        LR_TOO_LOW);
  }

  private Scenario impatient() {
    return faulty(
        "N27",
        "Adam, learning rate 0.0003, 20 epochs unless one is not better by 0.15",
        Twin.E,
        () ->
            Recipe.tutorial(natural)
                .optimizer(Recipe.adam(3e-4))
                .epochs(20)
                .loop(
                    Loop.trainer(
                        t ->
                            t.earlyStopping(
                                new EarlyStopping(Monitor.VALIDATION_LOSS)
                                    .patience(1)
                                    .minDelta(0.15)))),
        EARLY_STOPPING_TOO_EAGER,
        UNDERTRAINED);
  }
}
