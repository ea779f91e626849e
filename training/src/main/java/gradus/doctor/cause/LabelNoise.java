package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import gradus.doctor.trial.TrialOutcome;
import java.util.Optional;

/** Labels that neighbours do not share: the network can learn some by heart, but no rule. */
final class LabelNoise implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    Optional<Finding> note = patient.history().preflight(Diagnosis.LABEL_NOISE);
    if (note.isEmpty() || !(patient.learnsBadly() || patient.shows(Symptom.GAP, Symptom.RISING))) {
      return Optional.empty();
    }
    Optional<TrialOutcome> memorized = Memorization.run(patient);
    if (memorized.isEmpty()) {
      return Optional.of(patient.primary(note.get(), Case.LIKELY));
    }
    return memorized
        .filter(Memorization::succeeded)
        .map(o -> patient.primary(note.get(), Case.CONFIRMED, o.evidence()));
  }
}
