package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import java.util.Locale;
import java.util.Optional;

/**
 * Most units of a sigmoid or tanh layer lie where it is flat, so that hardly any gradient passes.
 */
final class SaturatedUnits implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    if (!patient.learnsBadly() || patient.shows(Symptom.NON_FINITE)) {
      return Optional.empty();
    }
    return Signals.saturated(patient.subject())
        .map(
            layer ->
                patient.primary(
                    Diagnosis.SATURATED_ACTIVATIONS,
                    Case.LIKELY,
                    String.format(
                        Locale.ROOT,
                        "%.0f %% of the %d units of %s are in the flat part of the %s: hardly any"
                            + " gradient passes.",
                        100 * layer.saturatedShare(),
                        layer.units(),
                        layer.path(),
                        layer.kind()),
                    new Remedy(
                        "Normalise the images, begin with smaller weights, put batch norms before"
                            + " the activations, or use ReLU.",
                        "new ReLU()",
                        null),
                    Evidence.of(
                        "A unit counts as saturated if for more than 90 % of the images its slope is"
                            + " below 5 % of the steepest.")));
  }
}
