package gradus.examples.doctor;

import static gradus.examples.doctor.Scenario.healthy;

import gradus.data.WeightedRandomSampler;
import gradus.data.transform.ColorJitter;
import gradus.data.transform.CutMix;
import gradus.data.transform.Cutout;
import gradus.data.transform.MixUp;
import gradus.data.transform.Normalize;
import gradus.data.transform.RandomCrop;
import gradus.data.transform.RandomErasing;
import gradus.data.transform.RandomHorizontalFlip;
import gradus.examples.doctor.Scenario.Twin;
import gradus.layer.Initializer;
import gradus.layer.ReLU;
import gradus.loss.CrossEntropyLoss;
import gradus.metric.Monitor;
import gradus.optim.Adadelta;
import gradus.optim.RMSprop;
import gradus.optim.SGD;
import gradus.schedule.ReduceLROnPlateau;
import gradus.schedule.Schedule;
import java.util.List;

/**
 * Runs on photographs that know about a half, which is what small networks learn of 6,000 pictures
 * in so few epochs: no other learning rate does clearly better, and validation is still getting
 * better, or has settled, at the end. Most look odd in a way that is told with them.
 */
final class NaturalHealthyRuns {
  private final Pictures natural;

  NaturalHealthyRuns(Pictures natural) {
    this.natural = natural;
  }

  List<Scenario> all() {
    return List.of(
        healthy(
            "NH01",
            "batch normalisation, SGD, cosine, flips",
            Twin.D,
            () -> Recipe.photographs(natural)),
        healthy(
            "NH02",
            "the tutorials' network, Adam, a constant rate",
            Twin.E,
            () -> Recipe.tutorial(natural)),
        healthy(
            "NH03",
            "a ResNet, Nesterov's momentum, one cycle: slow at first, and flat at the end",
            Twin.D,
            () ->
                Recipe.photographs(natural)
                    .network(NaturalNetworks::residual)
                    .optimizer(p -> SGD.of(p).learningRate(0.25).momentum(0.9).nesterov().build())
                    .schedule(Schedule::oneCycle)),
        healthy(
            "NH04",
            "a small VGG with dropout 0.3, Adam, learning rate 0.002, a tenth in the last epochs",
            Twin.E,
            () ->
                Recipe.tutorial(natural)
                    .network(
                        () -> NaturalNetworks.vgg(ReLU::new, Initializer.kaimingUniform(), 0.3))
                    .optimizer(Recipe.adam(0.002))
                    .schedule(epochs -> Schedule.step(epochs - 2.0, 0.1))),
        healthy(
            "NH05",
            "group norm and SiLU, AdamW, a warm-up of 2 epochs: slow at first",
            Twin.D,
            () ->
                Recipe.photographs(natural)
                    .network(NaturalNetworks::grouped)
                    .optimizer(Recipe.adamW(0.01, 0.05))
                    .schedule(epochs -> Schedule.cosine(epochs - 2.0).warmup(2))
                    .epochs(8)),
        healthy(
            "NH06",
            "batches of 8, learning rate 0.02: a noisy loss",
            Twin.D,
            () ->
                Recipe.photographs(natural)
                    .batch(8)
                    .optimizer(Recipe.decayingSgd(0.02, 5e-4))
                    .epochs(4)),
        healthy(
            "NH07",
            "crops, flips, colours and erased parts: better in validation than in training",
            Twin.D,
            () ->
                Recipe.photographs(natural)
                    .augmentation(
                        new RandomCrop(32, 4),
                        new RandomHorizontalFlip(),
                        new ColorJitter(0.2, 0.2, 0.2, 0),
                        new RandomErasing(0.5))
                    .epochs(9)),
        healthy(
            "NH08",
            "a ResNet and mixup 0.4: training accuracy means little",
            Twin.D,
            () ->
                Recipe.photographs(natural)
                    .network(NaturalNetworks::residual)
                    .mixing(new MixUp(0.4))),
        healthy(
            "NH09",
            "CutMix and label smoothing 0.15: the loss cannot become small",
            Twin.D,
            () ->
                Recipe.photographs(natural)
                    .mixing(new CutMix())
                    .optimizer(Recipe.decayingSgd(0.25, 5e-4))
                    .loss(train -> new CrossEntropyLoss().labelSmoothing(0.15))
                    .epochs(8)),
        healthy(
            "NH10",
            "batches of 400, AdamW, learning rate 0.02",
            Twin.D,
            () ->
                Recipe.photographs(natural)
                    .batch(400)
                    .optimizer(Recipe.adamW(0.02, 0.01))
                    .epochs(9)),
        healthy(
            "NH11",
            "convolutions with ELU alone, RMSprop, the rate less by a fifth each epoch",
            Twin.E,
            () ->
                Recipe.tutorial(natural)
                    .network(NaturalNetworks::strided)
                    .optimizer(p -> RMSprop.of(p).learningRate(0.001).build())
                    .schedule(epochs -> Schedule.exponential(0.8))),
        healthy(
            "NH12",
            "Adadelta at its own rate of 1, batches of 32",
            Twin.E,
            () ->
                Recipe.tutorial(natural)
                    .optimizer(p -> Adadelta.of(p).build())
                    .batch(32)
                    .epochs(5)),
        healthy(
            "NH13",
            "four pictures of one class to one of the next, drawn so that batches are even",
            Twin.D,
            () ->
                Recipe.photographs(natural.perClass(label -> label % 2 == 0 ? 960 : 240))
                    .order(WeightedRandomSampler::balanced)),
        healthy(
            "NH14",
            "ReduceLROnPlateau, patience 1, factor 0.3, 9 epochs",
            Twin.D,
            () ->
                Recipe.photographs(natural)
                    .augmentation(new RandomHorizontalFlip(), new Cutout(8))
                    .optimizer(Recipe.decayingSgd(0.12, 5e-4))
                    .schedule(epochs -> Schedule.constant())
                    .epochs(9)
                    .loop(
                        Loop.trainer(
                            t ->
                                t.reduceOnPlateau(
                                    new ReduceLROnPlateau(Monitor.VALIDATION_LOSS)
                                        .factor(0.3)
                                        .patience(1))))),
        healthy(
            "NH15",
            "a small MobileNet, AdamW, a linear way down to nothing",
            Twin.D,
            () ->
                Recipe.photographs(natural)
                    .network(NaturalNetworks::separable)
                    .optimizer(Recipe.adamW(0.025, 0.02))
                    .schedule(epochs -> Schedule.linear(1, 0, epochs))),
        healthy(
            "NH16",
            "pixels 0 to 1, not standardised, SGD, learning rate 0.02, a cosine",
            Twin.E,
            () ->
                Recipe.tutorial(natural)
                    .input(Normalize.none(3))
                    .optimizer(Recipe.sgd(0.02))
                    .schedule(Schedule::cosine)));
  }
}
