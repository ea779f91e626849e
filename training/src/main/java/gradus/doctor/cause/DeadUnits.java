package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import java.util.Locale;
import java.util.Optional;

/** Most units of a layer are 0 for every image: nothing gets through, and no gradient back. */
final class DeadUnits implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    if (!patient.learnsBadly() || patient.shows(Symptom.NON_FINITE)) {
      return Optional.empty();
    }
    return Signals.dead(patient.subject())
        .map(
            layer ->
                patient.primary(
                    Diagnosis.DEAD_RELU,
                    Case.LIKELY,
                    String.format(
                        Locale.ROOT,
                        "%.0f %% of the %d units of %s are 0 for every image: they pass no gradient"
                            + " back and stay so.",
                        100 * layer.deadShare(),
                        layer.units(),
                        layer.path()),
                    new Remedy(
                        "Begin with biases of 0 and a smaller learning rate, put batch norms before"
                            + " the ReLUs, or use LeakyReLU.",
                        "new LeakyReLU(0.01)",
                        null),
                    Evidence.of(
                        "A unit counts as dead if none of 256 training images makes it positive.")));
  }
}
