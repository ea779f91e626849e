package gradus.examples.doctor;

import static gradus.doctor.Diagnosis.ARCHITECTURE_DEFECT;
import static gradus.doctor.Diagnosis.BAD_INITIALIZATION;
import static gradus.doctor.Diagnosis.CAPACITY_TOO_LOW;
import static gradus.doctor.Diagnosis.DEAD_RELU;
import static gradus.doctor.Diagnosis.EVAL_MODE_ERROR;
import static gradus.doctor.Diagnosis.EXPLODING_GRADIENTS;
import static gradus.doctor.Diagnosis.LOSS_OUTPUT_MISMATCH;
import static gradus.doctor.Diagnosis.LR_TOO_HIGH;
import static gradus.doctor.Diagnosis.OVER_REGULARIZATION;
import static gradus.doctor.Diagnosis.PARAMETERS_NOT_UPDATING;
import static gradus.doctor.Diagnosis.VANISHING_GRADIENTS;
import static gradus.examples.doctor.Scenario.faulty;

import gradus.examples.doctor.Scenario.Twin;
import gradus.layer.Initializer;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.ReLU;
import gradus.layer.Sigmoid;
import gradus.layer.Softmax;
import gradus.optim.SGD;
import java.util.List;

/** Layers, weights, penalties and modes that do not suit. */
final class NaturalNetworkFaults {
  private static final Initializer HE = Initializer.kaimingNormal();
  private static final Initializer ZERO = Initializer.zeros();

  private final Pictures natural;

  NaturalNetworkFaults(Pictures natural) {
    this.natural = natural;
  }

  List<Scenario> all() {
    return List.of(
        softmax(),
        linear(),
        sigmoids(),
        largeWeights(),
        deadFromTheStart(),
        frozen(),
        copy(),
        slowStatistics(),
        trainingMode(),
        l1(),
        dropout(),
        threeFilters());
  }

  private Scenario softmax() {
    return faulty(
        "N28",
        "softmax at the end, cross-entropy of logits, SGD",
        Twin.E,
        () ->
            Recipe.tutorial(natural)
                .network(() -> NaturalNetworks.tutorial().add(new Softmax()))
                .optimizer(Recipe.sgd(0.01)),
        LOSS_OUTPUT_MISMATCH);
  }

  private Scenario linear() {
    return faulty(
        "N29",
        "activations forgotten, means for pools",
        Twin.E,
        () -> Recipe.tutorial(natural).network(NaturalNetworks::tutorialWithoutActivations),
        ARCHITECTURE_DEFECT,
        CAPACITY_TOO_LOW);
  }

  private Scenario sigmoids() {
    return faulty(
        "N30",
        "a small VGG with sigmoids, SGD, learning rate 0.02",
        Twin.E,
        () ->
            Recipe.tutorial(natural)
                .network(() -> NaturalNetworks.vgg(Sigmoid::new, Initializer.xavierNormal(), 0))
                .optimizer(Recipe.sgd(0.02))
                .epochs(4),
        VANISHING_GRADIENTS,
        ARCHITECTURE_DEFECT,
        BAD_INITIALIZATION);
  }

  private Scenario largeWeights() {
    return faulty(
        "N31",
        "weights from the normal distribution of deviation 0.4",
        Twin.E,
        () ->
            Recipe.tutorial(natural)
                .network(
                    () -> NaturalNetworks.tutorial(ReLU::new, Initializer.normal(0.4), ZERO, 64)),
        BAD_INITIALIZATION,
        EXPLODING_GRADIENTS,
        LR_TOO_HIGH);
  }

  private Scenario deadFromTheStart() {
    return faulty(
        "N32",
        "bias -3 in every hidden layer, SGD",
        Twin.E,
        () ->
            Recipe.tutorial(natural)
                .network(
                    () -> NaturalNetworks.tutorial(ReLU::new, HE, Initializer.constant(-3), 64))
                .optimizer(Recipe.sgd(0.02)),
        DEAD_RELU,
        BAD_INITIALIZATION);
  }

  private Scenario frozen() {
    return faulty(
        "N33",
        "a ResNet frozen as for fine-tuning, but from weights drawn at random",
        Twin.D,
        () ->
            Recipe.photographs(natural)
                .network(NaturalNetworks::residual)
                .preparation(NaturalNetworkFaults::freezeAllButTheClassifier),
        PARAMETERS_NOT_UPDATING);
  }

  private static void freezeAllButTheClassifier(Model model) {
    List<Parameter> all = model.parameters().state();
    all.subList(0, all.size() - 2).forEach(parameter -> parameter.setFrozen(true));
  }

  private Scenario copy() {
    return faulty(
        "N34",
        "a ResNet; the optimizer was made before the model was made anew",
        Twin.D,
        () ->
            Recipe.photographs(natural)
                .network(NaturalNetworks::residual)
                .optimizesCopy()
                .epochs(4),
        PARAMETERS_NOT_UPDATING);
  }

  private Scenario slowStatistics() {
    return faulty(
        "N35",
        "running statistics of momentum 0.0005",
        Twin.D,
        () ->
            Recipe.photographs(natural)
                .network(() -> NaturalNetworks.normalized(0.0005, 16, 32, 64)),
        EVAL_MODE_ERROR);
  }

  private Scenario trainingMode() {
    return faulty(
        "N36",
        "a small VGG with dropout 0.7, and validation in training mode",
        Twin.E,
        () ->
            Recipe.tutorial(natural)
                .network(() -> NaturalNetworks.vgg(ReLU::new, HE, 0.7))
                .loop(new TrainingModeValidation()),
        EVAL_MODE_ERROR,
        OVER_REGULARIZATION);
  }

  private Scenario l1() {
    return faulty(
        "N37",
        "an L1 penalty of 0.015",
        Twin.E,
        () ->
            Recipe.tutorial(natural)
                .optimizer(p -> SGD.of(p).learningRate(0.02).momentum(0.9).l1(0.015).build()),
        OVER_REGULARIZATION);
  }

  private Scenario dropout() {
    return faulty(
        "N38",
        "three of four feature maps dropped after every pool",
        Twin.D,
        () -> Recipe.photographs(natural).network(() -> NaturalNetworks.dropping(0.75)),
        OVER_REGULARIZATION);
  }

  private Scenario threeFilters() {
    return faulty(
        "N39",
        "one convolution of three filters, and their means",
        Twin.D,
        () -> Recipe.photographs(natural).network(NaturalNetworks::threeFilters),
        CAPACITY_TOO_LOW,
        ARCHITECTURE_DEFECT);
  }
}
