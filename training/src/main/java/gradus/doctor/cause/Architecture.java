package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import java.util.Optional;

/**
 * A network whose wiring was remarkable before training, and that does not learn well.
 *
 * @param certainty of the remark, at least: what cannot work is asked for before what may not
 */
record Architecture(double certainty) implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    return patient.learnsBadly()
        ? patient
            .history()
            .preflight(Diagnosis.ARCHITECTURE_DEFECT)
            .filter(note -> note.confidence() >= certainty)
            .map(note -> patient.primary(note, Case.LIKELY))
        : Optional.empty();
  }
}
