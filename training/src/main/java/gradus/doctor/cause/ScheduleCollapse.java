package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.Remedy;
import gradus.doctor.StepLog;
import gradus.doctor.trial.Trial;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A rate that has fallen below a hundredth of its peak in the first half of the run. */
final class ScheduleCollapse implements Cause {
  private static final double COLLAPSED = 0.01;
  private static final double EARLY = 0.5;
  private static final double LEARNS_AGAIN = 0.02;
  private static final double[] DIVISORS = {1, 3, 10}; // of the peak: it may be much at once
  private static final int FARTHER = 4;

  @Override
  public Optional<Finding> examine(Case patient) {
    StepLog steps = patient.history().steps();
    long collapsed = collapse(patient.history());
    double peak = steps.peakRate();
    if (collapsed < 0 || !patient.leavesMuch()) {
      return Optional.empty();
    }
    Optional<Pace> cured = Optional.empty();
    List<Pace> tried = new ArrayList<>();
    for (double divisor : DIVISORS) {
      cured = cured.or(() -> learnsAgain(patient, peak / divisor, 1, tried));
    }
    // Where little is gained in each step, or at high rates lost at first, it takes more of them.
    if (cured.isEmpty()) {
      cured =
          tried.stream()
              .max(Comparator.comparingDouble(pace -> pace.outcome().gain()))
              .flatMap(best -> learnsAgain(patient, best.trial().rateFor(peak), FARTHER, tried));
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
            remedy(patient, peak, cured.map(pace -> pace.trial().rateFor(peak)).orElse(peak)),
            Evidence.of("The learning rate is " + Digits.of(now) + " now."));
    return Optional.of(
        cured
            .map(pace -> finding.confirmed(Case.CONFIRMED, pace.outcome().evidence()))
            .orElse(finding));
  }

  /** A cosine from the rate that learns again. */
  private static Remedy remedy(Case patient, double peak, double rate) {
    boolean isSame = rate == peak;
    return new Remedy(
        "Use a schedule that ends with the run"
            + (isSame ? "" : ", from a learning rate of " + Digits.of(rate))
            + "; a plateau must see the validation once per epoch, with patience.",
        isSame ? patient.cosine() : patient.cosineFrom(Digits.of(rate)),
        (isSame ? "" : "--lr " + Digits.of(rate) + " ") + "--schedule cosine");
  }

  /** What comes of that rate, added to what was tried; empty where it does not learn. */
  private static Optional<Pace> learnsAgain(
      Case patient, double rate, int timesAsLong, List<Pace> tried) {
    Trial trial =
        Trial.from(Trial.Start.NOW, "a learning rate of " + Digits.of(rate) + " again")
            .learningRate(rate);
    trial.steps(timesAsLong * trial.steps());
    Optional<Pace> pace = patient.trials().run(trial).map(outcome -> new Pace(trial, outcome));
    pace.ifPresent(tried::add);
    return pace.filter(p -> p.outcome().gain() > LEARNS_AGAIN * p.outcome().lossBefore());
  }

  /** The step by which it has collapsed, or -1. */
  private static long collapse(History history) {
    StepLog steps = history.steps();
    Fall fall = new Fall(history);
    List<Double> before = history.ratesBefore();
    for (int i = 0; i < before.size(); i++) {
      fall.add((i + 1) * history.facts().stepsPerEpoch(), before.get(i).floatValue());
    }
    for (int i = 0; i < steps.size(); i++) {
      fall.add(history.stepsBefore() + steps.stepOf(i), steps.learningRate(i));
    }
    return fall.isEarly ? fall.step : -1;
  }

  /**
   * Where the rate has fallen to stay; one that has come back since has not. All are rounded as the
   * log does it: staircases stop at the bound itself.
   */
  private static final class Fall {
    private final double firstHalf;
    private double peak;
    private long step = -1;
    private boolean isEarly;

    Fall(History history) {
      this.firstHalf = EARLY * history.facts().plannedSteps();
      this.peak = (float) history.peakBefore();
    }

    void add(long at, double rate) {
      if (Double.isNaN(rate)) {
        return;
      }
      peak = Math.max(peak, rate);
      if (rate >= COLLAPSED * peak) {
        step = -1;
        isEarly = false;
      } else if (step < 0) {
        step = at;
        isEarly = at <= firstHalf;
      }
    }
  }
}
