package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.train.StopReason;
import java.util.Optional;

/** A run that ended while it was still getting better. */
final class Undertrained implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    if (!patient.shows(Symptom.STILL_IMPROVING) || patient.shows(Symptom.GAP, Symptom.RISING)) {
      return Optional.empty();
    }
    int epochs = patient.history().facts().epochs();
    boolean stopped = patient.history().end() == StopReason.EARLY_STOPPING;
    return Optional.of(
        patient.primary(
            stopped ? Diagnosis.EARLY_STOPPING_TOO_EAGER : Diagnosis.UNDERTRAINED,
            Case.LIKELY,
            stopped
                ? "Early stopping ended the run while it was still getting better."
                : "The run ended after "
                    + epochs
                    + (epochs == 1 ? " epoch" : " epochs")
                    + ", while it was still getting better.",
            stopped
                ? new Remedy(
                    "Give it more patience.",
                    "new EarlyStopping(Monitor.VALIDATION_LOSS).patience(10)",
                    "--early-stopping 10")
                : new Remedy(
                    "Train for more epochs, with a schedule that ends with them.",
                    "trainer.fit(train, validation, " + 3 * epochs + ")",
                    "--epochs " + 3 * epochs)));
  }
}
