package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.train.EpochReport;
import gradus.train.StopReason;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A run that ended while it was still getting better. One that is shorter than a trial has its
 * first steps done again, at its highest rate: where its own has fallen by the end, or has taken it
 * no further than guessing, that it was getting better does not show.
 */
final class Undertrained implements Cause {
  /** Twice those of a trial, since a schedule spends half of them at low rates. */
  private static final long LEAST_STEPS = 80;

  private static final int USUAL_PATIENCE = 10;

  @Override
  public Optional<Finding> examine(Case patient) {
    if (patient.shows(Symptom.GAP, Symptom.RISING)) {
      return Optional.empty();
    }
    if (patient.shows(Symptom.STILL_IMPROVING)) {
      return Optional.of(finding(patient, Case.LIKELY, "while it was still getting better"));
    }
    return patient
        .goneOn()
        .map(
            further ->
                finding(
                    patient,
                    Case.CONFIRMED,
                    inAll(patient.stepsDone()) + ": more of them learn more",
                    further.evidence()));
  }

  private static String inAll(long steps) {
    return steps + (steps == 1 ? " step in all" : " steps in all");
  }

  /** Twice as much as it had, which the epochs since the best one tell. */
  private static int patience(Case patient) {
    List<EpochReport> epochs = patient.history().epochs();
    int best =
        epochs.stream()
            .min(Comparator.comparingDouble(EpochReport::validationLoss))
            .map(EpochReport::epoch)
            .orElse(0);
    return Math.max(USUAL_PATIENCE, 2 * (patient.history().last().epoch() - best));
  }

  private static Finding finding(Case patient, double confidence, String how, Evidence... facts) {
    int epochs = patient.history().facts().epochs();
    long perEpoch = Math.max(1, patient.history().facts().stepsPerEpoch());
    long more = Math.max(3L * epochs, (LEAST_STEPS + perEpoch - 1) / perEpoch);
    String length = epochs + (epochs == 1 ? " epoch, " : " epochs, ");
    return patient.history().end() == StopReason.EARLY_STOPPING
        ? patient.primary(
            Diagnosis.EARLY_STOPPING_TOO_EAGER,
            confidence,
            "Early stopping ended the run while it was still getting better.",
            new Remedy(
                "Give it more patience.",
                "earlyStopping.patience(" + patience(patient) + ")",
                "--early-stopping " + patience(patient)),
            facts)
        : patient.primary(
            Diagnosis.UNDERTRAINED,
            confidence,
            "The run ended after " + length + how + ".",
            new Remedy(
                "Train for more epochs, with a schedule that ends with them.",
                "trainer.fit(train, validation, " + more + ")",
                "--epochs " + more),
            facts);
  }
}
