package gradus.doctor.preflight;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import gradus.layer.Parameter;
import gradus.optim.Optimizer;
import java.util.ArrayList;
import java.util.List;

/** Asks whether the optimizer will change the weights, and whether its settings are usual. */
final class OptimizerSettings implements PreflightCheck {
  @Override
  public List<Finding> examine(Subject subject) {
    Optimizer optimizer = subject.optimizer();
    if (optimizer.parameters() != subject.model().parameters()) {
      return List.of(
          idle(
              "The optimizer was made from the parameters of another model: this one's weights will"
                  + " not change.",
              new Remedy(
                  "Make the optimizer from the model that is trained.",
                  "SGD.of(model.parameters()).learningRate(0.02).build()",
                  null)));
    }
    if (optimizer.learningRate() == 0) {
      return List.of(
          idle(
              "The learning rate is 0, and every schedule multiplies it: no weight will change.",
              new Remedy("Set a learning rate.", "optimizer.setLearningRate(0.02)", "--lr 0.02")));
    }
    if (subject.model().parameters().list().stream().noneMatch(Parameter::isTrainable)) {
      return List.of(
          idle(
              "All parameters of the model are frozen: no weight will change.",
              new Remedy("Thaw at least the last layer.", "parameter.setFrozen(false)", null)));
    }
    return settings(optimizer);
  }

  private static Finding idle(String cause, Remedy remedy) {
    return Finding.certain(Diagnosis.PARAMETERS_NOT_UPDATING, cause, remedy);
  }

  private static List<Finding> settings(Optimizer optimizer) {
    List<String> odd = new ArrayList<>();
    optimizer
        .settings()
        .forEach(
            (name, value) -> {
              if (!isUsual(name, value)) {
                odd.add(name + " " + Numbers.text(value) + " (usual: " + usual(name) + ")");
              }
            });
    if (odd.isEmpty()) {
      return List.of();
    }
    boolean isMomentum = optimizer.settings().containsKey("momentum");
    return List.of(
        Finding.note(
            Diagnosis.OPTIMIZER_MISCONFIGURED,
            "Settings of the optimizer are far from usual: " + String.join(", ", odd) + ".",
            new Remedy(
                "Begin with the usual settings.",
                isMomentum ? ".momentum(0.9)" : ".betas(0.9, 0.999).epsilon(1e-8)",
                isMomentum ? "--momentum 0.9" : "--betas 0.9,0.999"),
            Evidence.of("The optimizer: " + optimizer + ".")));
  }

  private static boolean isUsual(String name, double value) {
    return switch (name) {
      case "momentum" -> value < 0.99;
      case "beta1" -> value >= 0.5 && value < 0.99;
      case "beta2" -> value >= 0.9;
      case "epsilon" -> value >= 1e-12 && value <= 1e-2;
      default -> true;
    };
  }

  private static String usual(String name) {
    return switch (name) {
      case "beta2" -> "0.999";
      case "epsilon" -> "1e-8";
      default -> "0.9";
    };
  }
}
