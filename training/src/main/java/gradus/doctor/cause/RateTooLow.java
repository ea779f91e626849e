package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Weights that hardly move; the trials take so many times the rate that they move as usual, and ten
 * times more and less. Where nothing is known of the steps, and the loss does not climb, they begin
 * with the highest rate.
 */
final class RateTooLow implements Cause {
  private static final double HARDLY_MOVES = 1e-3;
  private static final double USUAL_RATIO = 0.01;
  private static final int MOST = 4;
  private static final long FIRST_STEPS = 100;

  /** The rate to try where the run's is farther away than any power that is tried. */
  private static final double USUAL = 0.01;

  private static final double USUAL_ADAPTIVE = 0.001;

  @Override
  public Optional<Finding> examine(Case patient) {
    History history = patient.history();
    OptionalDouble ratio = history.largestUpdateRatio(FIRST_STEPS);
    boolean mayMoveTooLittle =
        ratio.isPresent()
            ? ratio.getAsDouble() < HARDLY_MOVES
            : !patient.shows(Symptom.NON_FINITE, Symptom.DIVERGING);
    if (!patient.shows(Symptom.FLAT, Symptom.SLOW, Symptom.STALLED) || !mayMoveTooLittle) {
      return Optional.empty();
    }
    if (patient.shows(Symptom.FLAT) && ratio.isPresent()) {
      Optional<TrialOutcome> asItIs = patient.again();
      if (asItIs.isPresent()) {
        patient.trials().settleOn(null); // no rate is to be changed
        return Optional.of(shortened(patient, ratio.getAsDouble(), asItIs.get()));
      }
    }
    Search search = new Search(patient);
    int powers = search.from(likely(ratio.orElse(0)));
    return search
        .outcome(powers)
        .map(outcome -> new Pace(trial(patient, powers), outcome))
        .or(() -> usual(patient))
        .map(pace -> pace.withMomentum(patient))
        .map(pace -> finding(patient, ratio, pace));
  }

  private static Optional<Pace> usual(Case patient) {
    double usual = patient.history().facts().adaptive() ? USUAL_ADAPTIVE : USUAL;
    double farther = usual / patient.rate();
    if (!Double.isFinite(farther) || farther <= Math.pow(10, MOST)) {
      return Optional.empty();
    }
    return Pace.of(
        patient,
        Trial.from(patient.start(), "a learning rate of " + Digits.of(usual)).rate(farther));
  }

  /** How many powers of ten bring the steps to a usual size. */
  static int likely(double ratio) {
    double missing = Math.log10(USUAL_RATIO / Math.max(ratio, 1e-30));
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

  /** The steps of trials are as long as the optimizer makes them; those of the run were not. */
  private static Finding shortened(Case patient, double ratio, TrialOutcome asItIs) {
    return patient.primary(
        Diagnosis.LR_TOO_LOW,
        Case.CONFIRMED,
        "The steps of the run move the weights by at most "
            + Digits.of(ratio)
            + " of their size, although the learning rate would move them further: something"
            + " shortens the gradient, such as clipping it at a very small norm.",
        new Remedy(
            "Clip the gradient at about 1, or not at all.",
            "trainer.clipGradientNorm(1)",
            "--clip-norm 1"),
        asItIs.evidence());
  }

  private static Finding finding(Case patient, OptionalDouble ratio, Pace pace) {
    patient.trials().settleOn(pace.trial());
    String rate = "A learning rate of " + Digits.of(patient.rate());
    List<Evidence> facts = new ArrayList<>();
    if (ratio.isPresent()) {
      facts.add(Evidence.of("Usual is about 0.001 of the weights' size per step."));
    }
    facts.add(pace.outcome().evidence());
    return patient.primary(
        Diagnosis.LR_TOO_LOW,
        Case.CONFIRMED,
        ratio.isPresent()
            ? rate
                + " moves the weights by at most "
                + Digits.of(ratio.getAsDouble())
                + " of their size per step: too little to get anywhere."
            : rate + " is too low to get anywhere; " + pace.words(patient) + " learns.",
        pace.remedy(patient, ""),
        facts.toArray(Evidence[]::new));
  }
}
