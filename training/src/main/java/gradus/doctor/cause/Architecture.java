package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import java.util.Optional;

/** A network whose wiring was remarkable before training, and that does not learn well. */
final class Architecture implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    return patient.learnsBadly()
        ? patient
            .history()
            .preflight(Diagnosis.ARCHITECTURE_DEFECT)
            .map(note -> patient.primary(note, Case.LIKELY))
        : Optional.empty();
  }
}
