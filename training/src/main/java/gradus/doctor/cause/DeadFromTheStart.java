package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.treatment.Treatment;
import gradus.doctor.trial.Trial;
import java.util.Optional;

/** Units whose bias keeps them at 0 from the first step; the trial begins with biases of 0. */
final class DeadFromTheStart implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    Optional<Finding> note = patient.history().preflight(Diagnosis.DEAD_RELU);
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
