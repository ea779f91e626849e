package gradus.doctor.preflight;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import gradus.layer.Parameter;
import gradus.optim.Lion;
import gradus.optim.Optimizer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

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
    Set<String> calls = new LinkedHashSet<>();
    String option = null;
    for (Map.Entry<String, Double> setting : new TreeMap<>(optimizer.settings()).entrySet()) {
      String name = setting.getKey();
      if (!isUsual(name, setting.getValue())) {
        String value = Numbers.text(setting.getValue());
        odd.add(name + " " + value + " (usual: " + usual(optimizer, name) + ")");
        calls.add(call(optimizer, name));
        option = option(optimizer, name).orElse(option);
      }
    }
    if (odd.isEmpty()) {
      return List.of();
    }
    return List.of(
        Finding.note(
            Diagnosis.OPTIMIZER_MISCONFIGURED,
            "Settings of the optimizer are far from usual: " + String.join(", ", odd) + ".",
            new Remedy(
                "Begin with the usual settings.",
                optimizer.getClass().getSimpleName()
                    + ".of(model.parameters())"
                    + String.join("", calls)
                    + ".build()",
                option),
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

  private static String usual(Optimizer optimizer, String name) {
    return switch (name) {
      case "beta2" -> optimizer instanceof Lion ? "0.99" : "0.999";
      case "epsilon" -> "1e-8";
      default -> "0.9";
    };
  }

  /** Of its builder: what sets it to what is usual. */
  private static String call(Optimizer optimizer, String name) {
    return switch (name) {
      case "beta1", "beta2" -> ".betas(0.9, " + usual(optimizer, "beta2") + ")";
      default -> "." + name + "(" + usual(optimizer, name) + ")";
    };
  }

  /** Of the command line; none sets epsilon. */
  private static Optional<String> option(Optimizer optimizer, String name) {
    return switch (name) {
      case "momentum" -> Optional.of("--momentum 0.9");
      case "beta1", "beta2" -> Optional.of("--betas 0.9," + usual(optimizer, "beta2"));
      default -> Optional.empty();
    };
  }
}
