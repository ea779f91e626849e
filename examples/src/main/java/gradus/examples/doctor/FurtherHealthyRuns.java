package gradus.examples.doctor;

import static gradus.examples.doctor.Scenario.healthy;

import gradus.data.DataLoader;
import gradus.data.LongTail;
import gradus.data.transform.MixUp;
import gradus.data.transform.RandomRotation;
import gradus.examples.doctor.Scenario.Twin;
import gradus.layer.GELU;
import gradus.layer.Initializer;
import gradus.layer.LeakyReLU;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.Tanh;
import gradus.loss.CrossEntropyLoss;
import gradus.metric.Monitor;
import gradus.optim.Adam;
import gradus.optim.Optimizer;
import gradus.optim.RMSprop;
import gradus.schedule.ReduceLROnPlateau;
import gradus.schedule.Schedule;
import gradus.train.EarlyStopping;
import gradus.train.Trainer;
import java.util.List;

/** Nothing is wrong with these either. */
final class FurtherHealthyRuns {
  private static final Initializer HE = Initializer.kaimingNormal();

  private final Pictures grey;
  private final Pictures color;

  FurtherHealthyRuns(Pictures grey, Pictures color) {
    this.grey = grey;
    this.color = color;
  }

  List<Scenario> all() {
    return List.of(
        healthy(
            "VH01",
            "dropout 0.5 before the classifier",
            Twin.A,
            () ->
                Recipe.plain(grey)
                    .network(() -> FurtherNetworks.dropoutHead(0.5))
                    .optimizer(Recipe.sgd(0.02))),
        healthy(
            "VH02",
            "label smoothing 0.1",
            Twin.B,
            () ->
                Recipe.normalized(color).loss(train -> new CrossEntropyLoss().labelSmoothing(0.1))),
        healthy("VH03", "mixup", Twin.B, () -> Recipe.normalized(color).mixing(new MixUp())),
        healthy(
            "VH04",
            "turned by up to 15 degrees",
            Twin.A,
            () -> Recipe.plain(grey).augmentation(new RandomRotation(15)).epochs(8)),
        fewImagesStoppedEarly(),
        healthy(
            "VH06",
            "Adam, learning rate 0.0003, batches of 16",
            Twin.A,
            () ->
                Recipe.plain(grey).batch(16).optimizer(p -> Adam.of(p).learningRate(3e-4).build())),
        healthy(
            "VH07",
            "a ResNet, AdamW, warm-up and cosine",
            Twin.B,
            () ->
                Recipe.normalized(color)
                    .network(FurtherNetworks::residual)
                    .schedule(epochs -> Schedule.cosine(epochs - 1.0).warmup(1))),
        healthy(
            "VH08",
            "RMSprop, learning rate 0.003",
            Twin.A,
            () -> Recipe.plain(grey).optimizer(p -> RMSprop.of(p).learningRate(3e-3).build())),
        healthy(
            "VH09",
            "batches of 256, learning rate 0.1 after a warm-up",
            Twin.A,
            () ->
                Recipe.plain(grey)
                    .batch(256)
                    .epochs(10)
                    .optimizer(Recipe.sgd(0.1))
                    .schedule(epochs -> Schedule.cosine(epochs - 2.0).warmup(2))),
        healthy(
            "VH10",
            "batches of 4, learning rate 0.002",
            Twin.A,
            () -> Recipe.plain(grey).batch(4).optimizer(Recipe.sgd(0.002))),
        healthy(
            "VH11",
            "five images of the largest class to one of the smallest",
            Twin.A,
            () -> Recipe.plain(grey.train(LongTail.of(grey.pool().take(12_000), 5, 3)))),
        healthy(
            "VH12",
            "LeNet with tanh",
            Twin.C,
            () ->
                Recipe.lenet(grey)
                    .network(
                        () -> FurtherNetworks.activated(Tanh::new, Initializer.xavierNormal()))),
        healthy(
            "VH13",
            "leaky ReLUs",
            Twin.A,
            () ->
                Recipe.plain(grey)
                    .network(() -> FurtherNetworks.activated(LeakyReLU::new, HE))
                    .optimizer(Recipe.sgd(0.02))),
        healthy(
            "VH14",
            "ReduceLROnPlateau, patience 3, 20 epochs",
            Twin.A,
            () ->
                Recipe.plain(grey)
                    .epochs(20)
                    .loop(
                        Loop.trainer(
                            t ->
                                t.reduceOnPlateau(
                                    new ReduceLROnPlateau(Monitor.VALIDATION_LOSS).patience(3))))),
        fineTuned(),
        healthy(
            "VH16",
            "the gradient clipped at a norm of 1",
            Twin.A,
            () -> Recipe.plain(grey).loop(Loop.trainer(t -> t.clipGradientNorm(1)))),
        healthy(
            "VH17",
            "30 epochs, to a training loss of nearly 0",
            Twin.A,
            () -> Recipe.plain(grey).epochs(30)),
        healthy(
            "VH18",
            "GELU, Adam",
            Twin.A,
            () ->
                Recipe.plain(grey)
                    .network(() -> FurtherNetworks.activated(GELU::new, HE))
                    .optimizer(p -> Adam.of(p).build())));
  }

  private Scenario fewImagesStoppedEarly() {
    return healthy(
        "VH05",
        "1,000 images, early stopping with patience 5",
        Twin.A,
        () ->
            Recipe.plain(grey.perClass(label -> 100))
                .optimizer(Recipe.sgd(0.02))
                .epochs(30)
                .loop(
                    Loop.trainer(
                        t ->
                            t.earlyStopping(
                                new EarlyStopping(Monitor.VALIDATION_LOSS).patience(5)))));
  }

  private Scenario fineTuned() {
    Pictures others = grey.train(grey.pool().take(5_000));
    return healthy(
        "VH15",
        "fine-tuned from trained weights, the first convolution frozen, learning rate 0.005",
        Twin.A,
        () ->
            Recipe.plain(grey)
                .epochs(3)
                .optimizer(Recipe.sgd(0.005))
                .preparation(model -> pretrain(model, Recipe.plain(others))));
  }

  private static void pretrain(Model model, Recipe recipe) {
    try (Optimizer optimizer = recipe.newOptimizer(model, null);
        DataLoader train = recipe.trainLoader(5);
        DataLoader validation = recipe.validationLoader()) {
      new Trainer(model, recipe.newLoss(), optimizer).fit(train, validation, 4);
    }
    Parameter first = model.parameters().list().get(0);
    first.setFrozen(true);
  }
}
