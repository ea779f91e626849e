package gradus.examples.doctor;

import static gradus.doctor.Diagnosis.ARCHITECTURE_DEFECT;
import static gradus.doctor.Diagnosis.BAD_INITIALIZATION;
import static gradus.doctor.Diagnosis.CAPACITY_TOO_LOW;
import static gradus.doctor.Diagnosis.DEAD_RELU;
import static gradus.doctor.Diagnosis.EVAL_MODE_ERROR;
import static gradus.doctor.Diagnosis.LOSS_OUTPUT_MISMATCH;
import static gradus.doctor.Diagnosis.SATURATED_ACTIVATIONS;
import static gradus.doctor.Diagnosis.VANISHING_GRADIENTS;
import static gradus.examples.doctor.Scenario.faulty;

import gradus.examples.doctor.Scenario.Twin;
import gradus.layer.Initializer;
import gradus.layer.Sigmoid;
import gradus.layer.Tanh;
import gradus.optim.Adam;
import java.util.List;

/** Layers, activations and weights, other than the public ones. */
final class FurtherNetworkFaults {
  private final Pictures grey;
  private final Pictures color;

  FurtherNetworkFaults(Pictures grey, Pictures color) {
    this.grey = grey;
    this.color = color;
  }

  List<Scenario> all() {
    return List.of(
        linear(),
        pooledAway(),
        biasedTanh(),
        sigmoidAtTheEnd(),
        deep(),
        staleStatistics(),
        bottleneck(),
        coarseTanh());
  }

  private Scenario linear() {
    return faulty(
        "V05",
        "nothing between the layers",
        Twin.B,
        () -> Recipe.normalized(color).network(FurtherNetworks::withoutNonlinearity),
        ARCHITECTURE_DEFECT,
        CAPACITY_TOO_LOW);
  }

  private Scenario pooledAway() {
    return faulty(
        "V06",
        "pooled to one pixel before the second convolution",
        Twin.A,
        () -> Recipe.plain(grey).network(FurtherNetworks::pooledAway),
        ARCHITECTURE_DEFECT,
        CAPACITY_TOO_LOW);
  }

  private Scenario biasedTanh() {
    return faulty(
        "V10",
        "tanh, bias 5 in every hidden layer",
        Twin.A,
        () ->
            Recipe.plain(grey)
                .network(
                    () ->
                        FurtherNetworks.activated(
                            Tanh::new, Initializer.xavierNormal(), Initializer.constant(5)))
                .optimizer(Recipe.sgd(0.01)),
        SATURATED_ACTIVATIONS,
        BAD_INITIALIZATION);
  }

  private Scenario sigmoidAtTheEnd() {
    return faulty(
        "V22",
        "sigmoid at the end, and cross-entropy of logits",
        Twin.B,
        () -> Recipe.normalized(color).network(() -> Networks.normalized().add(new Sigmoid())),
        LOSS_OUTPUT_MISMATCH);
  }

  private Scenario deep() {
    return faulty(
        "V30",
        "sixteen layers of 64 units, weights from -0.05 to 0.05, Adam",
        Twin.C,
        () ->
            Recipe.lenet(grey)
                .network(() -> FurtherNetworks.deep(Initializer.uniform(0.05)))
                .optimizer(p -> Adam.of(p).build()),
        BAD_INITIALIZATION,
        VANISHING_GRADIENTS,
        DEAD_RELU);
  }

  private Scenario staleStatistics() {
    return faulty(
        "V32",
        "running statistics that never move",
        Twin.B,
        () -> Recipe.normalized(color).network(FurtherNetworks::staleStatistics),
        EVAL_MODE_ERROR);
  }

  private Scenario bottleneck() {
    return faulty(
        "V36",
        "all through two units",
        Twin.A,
        () -> Recipe.plain(grey).network(() -> FurtherNetworks.bottleneck(2)),
        CAPACITY_TOO_LOW,
        ARCHITECTURE_DEFECT);
  }

  private Scenario coarseTanh() {
    return faulty(
        "V39",
        "tanh, weights from the standard normal distribution",
        Twin.A,
        () ->
            Recipe.plain(grey)
                .network(() -> FurtherNetworks.activated(Tanh::new, Initializer.normal(1))),
        BAD_INITIALIZATION,
        SATURATED_ACTIVATIONS);
  }
}
