package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.treatment.Treatment;
import gradus.doctor.trial.Trial;
import java.util.Optional;

/** Weights that begin badly; the trial begins with He's and biases of 0. */
final class Initialization implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    Optional<Finding> note = patient.history().preflight(Diagnosis.BAD_INITIALIZATION);
    if (note.isEmpty() || !patient.leavesMuch()) {
      return Optional.empty();
    }
    return patient
        .cureFromTheBeginning(
            Trial.from(Trial.Start.BEGINNING, "weights drawn as He et al. do, biases of 0")
                .prepare(model -> Treatment.initialize(model, patient.subject().seed())))
        .map(o -> patient.primary(note.get(), Case.CONFIRMED, o.evidence()));
  }
}
