package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import java.util.Optional;

/**
 * What was remarkable before training, of a run that does not learn well: a network's wiring, or
 * labels that ask for next to nothing.
 *
 * @param diagnosis of the remark
 * @param certainty of it, at least: what cannot work is asked for before what may not
 */
record Noted(Diagnosis diagnosis, double certainty) implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    return patient.learnsBadly()
        ? patient
            .history()
            .preflight(diagnosis)
            .filter(note -> note.confidence() >= certainty)
            .map(note -> patient.primary(note, Case.LIKELY))
        : Optional.empty();
  }
}
