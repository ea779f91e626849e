package gradus.examples.doctor;

import gradus.doctor.Diagnosis;
import gradus.examples.doctor.Scenario.Twin;
import gradus.optim.SGD;

/** The loss falls within a few steps, and then the run goes nowhere: steps that overshoot. */
final class FastLoss {
  private final Pictures grey;

  FastLoss(Pictures grey) {
    this.grey = grey;
  }

  Demo demo() {
    return new Demo(
        "fast-loss",
        "What does it mean that the loss converges fast, if the network is no good?",
        "SGD with a learning rate of 0.5: the first steps are long, and so are all later ones.",
        "A learning rate of 0.05 with momentum 0.9.",
        Scenario.faulty(
            "fast-loss",
            "plain SGD, learning rate 0.5",
            Twin.A,
            () -> Recipe.plain(grey).optimizer(p -> SGD.of(p).learningRate(0.5).build()),
            Diagnosis.LR_TOO_HIGH),
        Scenario.healthy("fast-loss cured", "SGD", Twin.A, () -> Recipe.plain(grey)));
  }
}
