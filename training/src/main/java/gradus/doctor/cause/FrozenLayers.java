package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.trial.Trial;
import gradus.layer.Parameter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Layers that are frozen as for fine-tuning, but have learned nothing of use; the trial thaws. */
final class FrozenLayers implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    List<Parameter> weights =
        patient.subject().model().parameters().list().stream()
            .filter(parameter -> parameter.kind() == Parameter.Kind.WEIGHT)
            .toList();
    List<Parameter> frozen = weights.stream().filter(weight -> !weight.isTrainable()).toList();
    if (frozen.isEmpty() || !patient.learnsBadly()) {
      return Optional.empty();
    }
    return patient
        .relief(Trial.from(Trial.Start.BEGINNING, "all layers trained").thawed())
        .map(
            outcome ->
                patient.primary(
                    Diagnosis.PARAMETERS_NOT_UPDATING,
                    Case.CONFIRMED,
                    String.format(
                        Locale.ROOT,
                        "%,d of %,d weights are frozen, from %s on, and what they hold is of no use"
                            + " here: with all layers trained the run learns.",
                        count(frozen),
                        count(weights),
                        frozen.get(0).name()),
                    new Remedy(
                        "Thaw them (leave out --freeze), or begin with weights that were learned on"
                            + " images like these.",
                        "parameter.setFrozen(false)",
                        "--from RUN"),
                    outcome.evidence()));
  }

  private static long count(List<Parameter> parameters) {
    return parameters.stream().mapToLong(parameter -> parameter.shape().size()).sum();
  }
}
