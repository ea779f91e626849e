package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import java.util.Locale;
import java.util.Optional;

/** Weights that hardly move; the trials take ten, a hundred, a thousand times the rate. */
final class RateTooLow implements Cause {
  private static final double HARDLY_MOVES = 5e-4;

  @Override
  public Optional<Finding> examine(Case patient) {
    History history = patient.history();
    double ratio = history.updateRatio(1, Long.MAX_VALUE);
    if (!(patient.shows(Symptom.FLAT, Symptom.SLOW, Symptom.STALLED) && ratio < HARDLY_MOVES)) {
      return Optional.empty();
    }
    for (int factor = 10; factor <= 1000; factor *= 10) {
      Optional<TrialOutcome> cured =
          patient.cure(
              Trial.from(patient.start(), factor + " times the learning rate").rate(factor));
      if (cured.isPresent()) {
        return Optional.of(finding(patient, ratio, factor, cured.get()));
      }
    }
    return Optional.empty();
  }

  private static Finding finding(Case patient, double ratio, int factor, TrialOutcome cured) {
    double rate = patient.history().steps().peakRate();
    double better = rate * factor;
    return patient.primary(
        Diagnosis.LR_TOO_LOW,
        Case.CONFIRMED,
        String.format(
            Locale.ROOT,
            "A learning rate of %.3g moves the weights by at most %.1g of their size per step: it"
                + " would take thousands of epochs.",
            rate,
            ratio),
        new Remedy(
            String.format(Locale.ROOT, "Use a learning rate of about %.3g.", better),
            String.format(Locale.ROOT, "optimizer.setLearningRate(%.3g)", better),
            String.format(Locale.ROOT, "--lr %.3g", better)),
        Evidence.of("Usual is about 0.001 of the weights' size per step."),
        cured.evidence());
  }
}
