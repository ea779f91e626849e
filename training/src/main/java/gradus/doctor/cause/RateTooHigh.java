package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import gradus.doctor.trial.Trial;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Steps that overshoot; the trials take a tenth and a hundredth of the rate. Where nothing is known
 * of the steps, they are made for a run that has learned nothing.
 */
final class RateTooHigh implements Cause {
  private static final double LARGE_STEP = 0.02;
  private static final long FIRST_STEPS = 100;
  private static final double GROWN = 2;
  private static final double CALM = 0.85;
  private static final double USUAL = 0.01;
  private static final double USUAL_ADAPTIVE = 0.001;

  @Override
  public Optional<Finding> examine(Case patient) {
    OptionalDouble ratio = patient.history().largestUpdateRatio(FIRST_STEPS);
    boolean suspected =
        patient.shows(Symptom.NON_FINITE, Symptom.DIVERGING, Symptom.OSCILLATING)
            || (patient.shows(Symptom.FLAT) && ratio.isEmpty())
            || (patient.shows(Symptom.FLAT, Symptom.STALLED, Symptom.SLOW)
                && ratio.orElse(0) > LARGE_STEP);
    if (!suspected) {
      return Optional.empty();
    }
    Trial hundredth = Trial.from(patient.start(), "a hundredth of the learning rate").rate(0.01);
    return smaller(patient, hundredth)
        .or(() -> usual(patient))
        .filter(pace -> isMoreThanCalm(patient, pace))
        .map(pace -> pace.withMomentum(patient))
        .or(() -> calmed(patient, hundredth))
        .map(pace -> finding(patient, ratio, pace));
  }

  /**
   * At a smaller rate the loss of every run falls at once, by what the steps throw about: of one
   * that learns, and does not jump, it must fall by much more.
   */
  private static boolean isMoreThanCalm(Case patient, Pace pace) {
    return patient.hasFailed()
        || patient.shows(Symptom.OSCILLATING)
        || patient
            .trials()
            .control(pace.trial().start())
            .filter(unchanged -> pace.outcome().lossAfter() < CALM * unchanged.lossAfter())
            .isPresent();
  }

  /** A hundredth, or a tenth where that learns much more. */
  private static Optional<Pace> smaller(Case patient, Trial hundredth) {
    Optional<Pace> first =
        Pace.of(patient, Trial.from(patient.start(), "a tenth of the learning rate").rate(0.1));
    Optional<Pace> second = Pace.of(patient, hundredth);
    boolean isWorthIt =
        second.isEmpty()
            || first.filter(o -> o.outcome().isWorthMoreThan(second.get().outcome())).isPresent();
    return isWorthIt ? first : second;
  }

  /** Of a run whose loss grows without bounds: it falls at a hundredth, if too slowly to learn. */
  private static Optional<Pace> calmed(Case patient, Trial hundredth) {
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
        .map(outcome -> new Pace(hundredth, outcome));
  }

  /** Of a rate that a hundredth does not mend: the one that is usual for the optimizer. */
  private static Optional<Pace> usual(Case patient) {
    double rate = patient.rate();
    double usual = patient.history().facts().adaptive() ? USUAL_ADAPTIVE : USUAL;
    if (rate < 100 * usual) {
      return Optional.empty();
    }
    return Pace.of(
        patient,
        Trial.from(patient.start(), "a learning rate of " + Digits.of(usual)).rate(usual / rate));
  }

  private static Finding finding(Case patient, OptionalDouble ratio, Pace pace) {
    patient.trials().settleOn(pace.trial());
    List<Evidence> facts = new ArrayList<>();
    ratio.ifPresent(size -> facts.add(steps(patient, size)));
    facts.add(
        Evidence.of(
            new Evidence.Chart(
                "Training loss",
                "step",
                "loss",
                false,
                List.of(patient.history().steps().lossLine("this run")))));
    facts.add(pace.outcome().evidence());
    return patient.primary(
        Diagnosis.LR_TOO_HIGH,
        Case.CONFIRMED,
        String.format(
            Locale.ROOT,
            "Steps at a learning rate of %s overshoot; from the same state %s does not.",
            Digits.of(patient.rate()),
            pace.words(patient)),
        pace.remedy(patient, ", with a warm-up if it still jumps at first"),
        facts.toArray(Evidence[]::new));
  }

  private static Evidence steps(Case patient, double ratio) {
    return Evidence.of(
        String.format(
            Locale.ROOT,
            "%s by %s of its size per step; usual is about 0.001, and 0.01 is much.",
            patient.history().peakBefore() > 0
                ? "At the highest learning rate of the run a layer moves"
                : "In the first steps a layer moved",
            Digits.of(ratio)));
  }
}
