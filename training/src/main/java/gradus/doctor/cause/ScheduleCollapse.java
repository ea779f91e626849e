package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.StepLog;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import java.util.Locale;
import java.util.Optional;

/** A rate that has fallen below a hundredth of its peak in the first half of the run. */
final class ScheduleCollapse implements Cause {
  private static final double COLLAPSED = 0.01;
  private static final double EARLY = 0.5;
  private static final double LEARNS_AGAIN = 0.02;
  private static final double[] DIVISORS = {1, 3, 10}; // of the peak: it may be much at once

  @Override
  public Optional<Finding> examine(Case patient) {
    StepLog steps = patient.history().steps();
    long collapsed = collapse(steps, patient.history().facts().plannedSteps());
    double peak = steps.peakRate();
    if (collapsed < 0 || !patient.leavesMuch()) {
      return Optional.empty();
    }
    Optional<TrialOutcome> cured = Optional.empty();
    for (double divisor : DIVISORS) {
      cured = cured.or(() -> learnsAgain(patient, peak / divisor));
    }
    if (cured.isEmpty() && patient.trials().areAllowed()) {
      return Optional.empty();
    }
    double now = steps.learningRate(steps.size() - 1);
    Finding finding =
        patient.primary(
            Diagnosis.LR_SCHEDULE_COLLAPSE,
            cured.isPresent() ? Case.CONFIRMED : Case.LIKELY,
            String.format(
                Locale.ROOT,
                "The learning rate fell from %s to below a hundredth of it by step %d of %d, and"
                    + " the run stopped learning there.",
                Digits.of(peak),
                collapsed,
                patient.history().facts().plannedSteps()),
            new Remedy(
                "Let a plateau see the validation once per epoch, with more patience, or use a"
                    + " schedule that ends with the run.",
                "trainer.reduceOnPlateau(new ReduceLROnPlateau(Monitor.VALIDATION_LOSS).patience(10))",
                "--schedule cosine"),
            Evidence.of("The learning rate is " + Digits.of(now) + " now."));
    return Optional.of(
        cured.map(o -> finding.confirmed(Case.CONFIRMED, o.evidence())).orElse(finding));
  }

  private static Optional<TrialOutcome> learnsAgain(Case patient, double rate) {
    return patient
        .trials()
        .run(
            Trial.from(Trial.Start.NOW, "a learning rate of " + Digits.of(rate) + " again")
                .learningRate(rate))
        .filter(outcome -> outcome.gain() > LEARNS_AGAIN * outcome.lossBefore());
  }

  /** The first step of the collapse, or -1. */
  private static long collapse(StepLog steps, long planned) {
    double peak = 0;
    for (int i = 0; i < steps.size() && steps.stepOf(i) < EARLY * planned; i++) {
      peak = Math.max(peak, steps.learningRate(i));
      if (steps.learningRate(i) < COLLAPSED * peak) {
        return steps.stepOf(i);
      }
    }
    return -1;
  }
}
