package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Steps that overshoot; the trials take a tenth and a hundredth of the rate. */
final class RateTooHigh implements Cause {
  private static final double LARGE_STEP = 0.02;
  private static final long FIRST_STEPS = 100;
  private static final double GROWN = 2;
  private static final double USUAL = 0.01;
  private static final double USUAL_ADAPTIVE = 0.001;

  @Override
  public Optional<Finding> examine(Case patient) {
    double ratio = patient.history().largestUpdateRatio(FIRST_STEPS);
    boolean suspected =
        patient.shows(Symptom.NON_FINITE, Symptom.DIVERGING, Symptom.OSCILLATING)
            || (patient.shows(Symptom.FLAT, Symptom.STALLED, Symptom.SLOW) && ratio > LARGE_STEP);
    if (!suspected) {
      return Optional.empty();
    }
    Trial tenth = Trial.from(patient.start(), "a tenth of the learning rate").rate(0.1).inFull();
    Trial hundredth =
        Trial.from(patient.start(), "a hundredth of the learning rate").rate(0.01).inFull();
    Optional<TrialOutcome> first = patient.cure(tenth);
    Optional<TrialOutcome> second = patient.cure(hundredth);
    if (second.isPresent() && first.filter(o -> o.isWorthMoreThan(second.get())).isEmpty()) {
      return Optional.of(finding(patient, ratio, 100, second.get()));
    }
    if (first.isPresent()) {
      patient.trials().settleOn(tenth);
      return first.map(outcome -> finding(patient, ratio, 10, outcome));
    }
    return farTooHigh(patient, ratio).or(() -> calmed(patient, ratio, hundredth));
  }

  /** Of a run whose loss grows without bounds: it falls at a hundredth, if too slowly to learn. */
  private static Optional<Finding> calmed(Case patient, double ratio, Trial hundredth) {
    if (!patient.shows(Symptom.NON_FINITE, Symptom.DIVERGING)
        || patient
            .trials()
            .control(Trial.Start.BEGINNING)
            .filter(unchanged -> unchanged.lossAfter() > GROWN * unchanged.lossBefore())
            .isEmpty()) {
      return Optional.empty();
    }
    return patient
        .trials()
        .run(hundredth)
        .filter(outcome -> outcome.gain() > 0)
        .map(outcome -> finding(patient, ratio, 100, outcome));
  }

  /** Of a rate that a hundredth does not mend: the one that is usual for the optimizer. */
  private static Optional<Finding> farTooHigh(Case patient, double ratio) {
    double rate = patient.history().steps().peakRate();
    double usual = patient.history().facts().adaptive() ? USUAL_ADAPTIVE : USUAL;
    if (rate < 100 * usual) {
      return Optional.empty();
    }
    return patient
        .cure(
            Trial.from(patient.start(), "a learning rate of " + Digits.of(usual))
                .rate(usual / rate))
        .map(outcome -> finding(patient, ratio, rate / usual, outcome));
  }

  private static Finding finding(Case patient, double ratio, double divisor, TrialOutcome cured) {
    double rate = patient.history().steps().peakRate();
    double better = rate / divisor;
    return patient.primary(
        Diagnosis.LR_TOO_HIGH,
        Case.CONFIRMED,
        String.format(
            Locale.ROOT,
            "Steps at a learning rate of %s overshoot; from the same state %s does not.",
            Digits.of(rate),
            Digits.of(better)),
        new Remedy(
            "Use a learning rate of about "
                + Digits.of(better)
                + ", with a warm-up if it still jumps at first.",
            "optimizer.setLearningRate(" + Digits.of(better) + ")",
            "--lr " + Digits.of(better)),
        Evidence.of(
            String.format(
                Locale.ROOT,
                "In the first steps a layer moved by %s of its size per step; usual is about"
                    + " 0.001, and 0.01 is much.",
                Digits.of(ratio))),
        Evidence.of(
            new Evidence.Chart(
                "Training loss",
                "step",
                "loss",
                false,
                List.of(patient.history().steps().lossLine("this run")))),
        cured.evidence());
  }
}
