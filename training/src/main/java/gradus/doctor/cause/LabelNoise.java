package gradus.doctor.cause;

import gradus.doctor.Checkup;
import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import java.util.Optional;

/** Labels that neighbours do not share: the network can learn some by heart, but no rule. */
final class LabelNoise implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    Optional<Finding> note = patient.history().preflight(Diagnosis.LABEL_NOISE);
    if (note.isEmpty() || !(patient.shows(Symptom.FLAT) || learnedByHeartAlone(patient))) {
      return Optional.empty();
    }
    Optional<Memorization> memorized = Memorization.of(patient);
    if (memorized.isEmpty()) {
      return Optional.of(patient.primary(note.get(), Case.LIKELY));
    }
    return memorized
        .filter(Memorization::succeeded)
        .map(m -> patient.primary(note.get(), Case.CONFIRMED, m.outcome().evidence()));
  }

  /** Most training images are right, and of the others no more than by guessing. */
  private static boolean learnedByHeartAlone(Case patient) {
    Checkup last = patient.history().last();
    return patient.shows(Symptom.GAP)
        && last.train().accuracy() > 0.5
        && last.validation().accuracy()
            < last.validation().largestShare() + 3 * last.validation().standardError();
  }
}
