package gradus.examples.doctor;

import static gradus.examples.doctor.Scenario.healthy;

import gradus.data.ClassWeights;
import gradus.data.transform.Normalize;
import gradus.data.transform.RandomCrop;
import gradus.data.transform.RandomHorizontalFlip;
import gradus.examples.doctor.Scenario.Twin;
import gradus.loss.CrossEntropyLoss;
import gradus.optim.Adam;
import java.util.List;

/** Nothing is wrong with these, but rules of thumb complain of most. */
final class HealthyRuns {
  private final Pictures grey;
  private final Pictures color;

  HealthyRuns(Pictures grey, Pictures color) {
    this.grey = grey;
    this.color = color;
  }

  List<Scenario> all() {
    return List.of(
        healthy("PH1", "SGD, the plain network", Twin.A, () -> Recipe.plain(grey)),
        healthy(
            "PH2",
            "Adam, learning rate 0.001",
            Twin.A,
            () -> Recipe.plain(grey).optimizer(p -> Adam.of(p).learningRate(0.001).build())),
        healthy(
            "PH3",
            "pixels 0 to 1, not standardised",
            Twin.A,
            () -> Recipe.plain(grey).input(Normalize.none(1))),
        healthy(
            "PH4",
            "batch normalisation, dropout 0.2, crops and flips: better in validation",
            Twin.B,
            () ->
                Recipe.normalized(color)
                    .network(() -> Networks.normalized(0.2))
                    .augmentation(new RandomCrop(32, 2), new RandomHorizontalFlip())),
        ph5(),
        healthy(
            "PH6",
            "batches of 8, learning rate 0.005: a noisy loss",
            Twin.A,
            () -> Recipe.plain(grey).batch(8).optimizer(Recipe.sgd(0.005))));
  }

  private Scenario ph5() {
    return healthy(
        "PH5",
        "three images of a class to one of another, and class weights",
        Twin.A,
        () ->
            Recipe.plain(grey.perClass(label -> label < 5 ? 500 : 167))
                .loss(
                    train ->
                        new CrossEntropyLoss()
                            .classWeights(ClassWeights.inverseFrequency(train.classCounts()))));
  }
}
