package gradus.examples.doctor;

import static gradus.doctor.Diagnosis.ARCHITECTURE_DEFECT;
import static gradus.doctor.Diagnosis.BAD_INITIALIZATION;
import static gradus.doctor.Diagnosis.DEAD_RELU;
import static gradus.doctor.Diagnosis.EXPLODING_GRADIENTS;
import static gradus.doctor.Diagnosis.LOSS_OUTPUT_MISMATCH;
import static gradus.doctor.Diagnosis.LR_TOO_HIGH;
import static gradus.doctor.Diagnosis.VANISHING_GRADIENTS;
import static gradus.examples.doctor.Scenario.faulty;

import gradus.examples.doctor.Scenario.Twin;
import gradus.layer.Exp;
import gradus.layer.Initializer;
import gradus.layer.Sigmoid;
import gradus.layer.Softmax;
import java.util.List;

/** Layers, their activations, and what their weights begin with. */
final class NetworkFaults {
  private final Pictures grey;

  NetworkFaults(Pictures grey) {
    this.grey = grey;
  }

  List<Scenario> all() {
    return List.of(p11(), p12(), p13(), p14(), p15(), p16());
  }

  private Scenario p11() {
    return faulty(
        "P11",
        "softmax at the end, and cross-entropy of logits",
        Twin.A,
        () -> Recipe.plain(grey).network(() -> Networks.plain().add(new Softmax())),
        LOSS_OUTPUT_MISMATCH);
  }

  private Scenario p12() {
    return faulty(
        "P12",
        "all weights 0.01",
        Twin.A,
        () -> Recipe.plain(grey).network(() -> Networks.plainFrom(Initializer.constant(0.01f))),
        BAD_INITIALIZATION);
  }

  private Scenario p13() {
    return faulty(
        "P13",
        "weights from the standard normal distribution",
        Twin.A,
        () -> Recipe.plain(grey).network(() -> Networks.plainFrom(Initializer.normal(1))),
        BAD_INITIALIZATION,
        EXPLODING_GRADIENTS,
        LR_TOO_HIGH);
  }

  private Scenario p14() {
    return faulty(
        "P14",
        "sigmoids, eight layers of 84 units",
        Twin.C,
        () -> Recipe.lenet(grey).network(() -> Networks.lenet(Sigmoid::new, 8)),
        VANISHING_GRADIENTS,
        ARCHITECTURE_DEFECT);
  }

  private Scenario p15() {
    return faulty(
        "P15",
        "bias -5 of the 64 units",
        Twin.A,
        () -> Recipe.plain(grey).network(() -> Networks.plainWithBias(-5)),
        DEAD_RELU,
        BAD_INITIALIZATION);
  }

  private Scenario p16() {
    return faulty(
        "P16",
        "exponential activations",
        Twin.C,
        () -> Recipe.lenet(grey).network(() -> Networks.lenet(Exp::new, 1)),
        EXPLODING_GRADIENTS,
        ARCHITECTURE_DEFECT,
        BAD_INITIALIZATION);
  }
}
