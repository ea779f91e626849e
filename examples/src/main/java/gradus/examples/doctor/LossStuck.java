package gradus.examples.doctor;

import gradus.doctor.Diagnosis;
import gradus.examples.doctor.Scenario.Twin;
import gradus.optim.Adam;

/** The loss does not fall at all: Adam with a hundred times the usual rate kills its units. */
final class LossStuck {
  private final Pictures grey;

  LossStuck(Pictures grey) {
    this.grey = grey;
  }

  Demo demo() {
    return new Demo(
        "loss-stuck",
        "Why is the loss not decreasing?",
        "Adam with a learning rate of 0.1: the first steps switch most units off for good.",
        "Adam with its usual learning rate of 0.001.",
        Scenario.faulty(
            "loss-stuck",
            "Adam, learning rate 0.1",
            Twin.A,
            () ->
                Recipe.plain(grey).optimizer(p -> Adam.of(p).learningRate(0.1).build()).epochs(10),
            Diagnosis.LR_TOO_HIGH,
            Diagnosis.DEAD_RELU),
        Scenario.healthy(
            "loss-stuck cured",
            "Adam, learning rate 0.001",
            Twin.A,
            () ->
                Recipe.plain(grey)
                    .optimizer(p -> Adam.of(p).learningRate(0.001).build())
                    .epochs(10)));
  }
}
