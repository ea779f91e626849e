package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Weights that hardly move; the trials take so many times the rate that they move as usual, and ten
 * times more and less.
 */
final class RateTooLow implements Cause {
  private static final double HARDLY_MOVES = 1e-3;
  private static final double USUAL = 0.01;
  private static final int MOST = 4;
  private static final long FIRST_STEPS = 100;

  @Override
  public Optional<Finding> examine(Case patient) {
    History history = patient.history();
    double ratio = history.largestUpdateRatio(FIRST_STEPS);
    if (!(patient.shows(Symptom.FLAT, Symptom.SLOW, Symptom.STALLED) && ratio < HARDLY_MOVES)) {
      return Optional.empty();
    }
    Search search = new Search(patient);
    int best = search.from(likely(ratio));
    Optional<TrialOutcome> cured = search.outcome(best);
    cured.ifPresent(outcome -> patient.trials().settleOn(trial(patient, best)));
    return cured.map(outcome -> finding(patient, ratio, (int) Math.pow(10, best), outcome));
  }

  /** How many powers of ten bring the steps to a usual size. */
  static int likely(double ratio) {
    double missing = Math.log10(USUAL / Math.max(ratio, 1e-30));
    return (int) Math.max(1, Math.min(MOST, Math.round(missing)));
  }

  private static Trial trial(Case patient, int powers) {
    String factor = Integer.toString((int) Math.pow(10, powers));
    return Trial.from(patient.start(), factor + " times the learning rate")
        .rate(Math.pow(10, powers))
        .inFull();
  }

  /** Climbs from power of ten to power of ten; each is tried once. */
  static final class Search {
    private final Case patient;
    private final Map<Integer, Optional<TrialOutcome>> tried = new HashMap<>();

    Search(Case patient) {
      this.patient = patient;
    }

    int from(int powers) {
      int best = powers;
      while (best < MOST && isBetter(best + 1, best)) {
        best++;
      }
      while (best <= powers && best > 1 && !isBetter(best, best - 1)) {
        best--;
      }
      return best;
    }

    private boolean isBetter(int larger, int smaller) {
      Optional<TrialOutcome> more = outcome(larger);
      Optional<TrialOutcome> less = outcome(smaller);
      return more.isPresent() && less.filter(l -> !more.get().isWorthMoreThan(l)).isEmpty();
    }

    /** Of a power that removes the symptom. */
    Optional<TrialOutcome> outcome(int powers) {
      return tried.computeIfAbsent(powers, p -> patient.cure(trial(patient, p)));
    }
  }

  private static Finding finding(Case patient, double ratio, int factor, TrialOutcome cured) {
    double rate = patient.history().steps().peakRate();
    double better = rate * factor;
    return patient.primary(
        Diagnosis.LR_TOO_LOW,
        Case.CONFIRMED,
        String.format(
            Locale.ROOT,
            "A learning rate of %s moves the weights by at most %s of their size per step: too little"
                + " to get anywhere.",
            Digits.of(rate),
            Digits.of(ratio)),
        new Remedy(
            "Use a learning rate of about " + Digits.of(better) + ".",
            "optimizer.setLearningRate(" + Digits.of(better) + ")",
            "--lr " + Digits.of(better) + ""),
        Evidence.of("Usual is about 0.001 of the weights' size per step."),
        cured.evidence());
  }
}
