package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.treatment.Treatment;
import gradus.doctor.trial.Trial;
import java.util.Optional;

/**
 * Units whose bias keeps them where they are flat from the first step; the trial has biases of 0.
 */
final class SaturatedFromTheStart implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    Optional<Finding> note = patient.history().preflight(Diagnosis.SATURATED_ACTIVATIONS);
    if (note.isEmpty() || !patient.leavesMuch()) {
      return Optional.empty();
    }
    return patient
        .cureFromTheBeginning(
            Trial.from(Trial.Start.BEGINNING, "biases that begin at 0")
                .prepare(Treatment::clearBiases))
        .map(o -> patient.primary(note.get(), Case.CONFIRMED, o.evidence()));
  }
}
