package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import gradus.doctor.trial.Trial;
import java.util.Optional;

/** Batches of few classes; the trial draws the order at random. */
final class NotShuffled implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    Optional<Finding> note = patient.history().preflight(Diagnosis.DATA_NOT_SHUFFLED);
    if (note.isEmpty()
        || !(patient.learnsBadly()
            || patient.shows(Symptom.COLLAPSED, Symptom.INCONSISTENT, Symptom.GAP))) {
      return Optional.empty();
    }
    long seed = patient.subject().seed();
    return patient
        .cure(
            Trial.from(patient.start(), "the images in random order")
                .data(settings -> settings.shuffle(seed)))
        .map(o -> patient.primary(note.get(), Case.CONFIRMED, o.evidence()))
        .or(
            () ->
                patient.trials().areAllowed()
                    ? Optional.empty()
                    : Optional.of(patient.primary(note.get(), Case.LIKELY)));
  }
}
