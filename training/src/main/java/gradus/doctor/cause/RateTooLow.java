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

/** Weights that hardly move; the trials take ten, a hundred, and more times the rate. */
final class RateTooLow implements Cause {
  private static final double HARDLY_MOVES = 1e-3;
  private static final int LARGEST = 10_000;
  private static final long FIRST_STEPS = 100;

  /** Where the run's is farther away than any factor that is tried. */
  private static final double USUAL = 0.01;

  private static final double USUAL_ADAPTIVE = 0.001;

  @Override
  public Optional<Finding> examine(Case patient) {
    History history = patient.history();
    double ratio = history.largestUpdateRatio(FIRST_STEPS);
    if (!(patient.shows(Symptom.FLAT, Symptom.SLOW, Symptom.STALLED) && ratio < HARDLY_MOVES)) {
      return Optional.empty();
    }
    if (patient.shows(Symptom.FLAT)) {
      Optional<TrialOutcome> asItIs =
          patient
              .trials()
              .control(Trial.Start.BEGINNING)
              .filter(outcome -> outcome.learnsWhere(history.skill(history.last().train())));
      if (asItIs.isPresent()) {
        return Optional.of(shortened(patient, ratio, asItIs.get()));
      }
    }
    Trial best = null;
    TrialOutcome cured = null;
    double times = 0;
    for (int factor = 10; factor <= LARGEST; factor *= 10) {
      Trial trial = Trial.from(patient.start(), factor + " times the learning rate").rate(factor);
      Optional<TrialOutcome> outcome = patient.improvement(trial);
      if (cured != null && !outcome.filter(cured::isWorseThan).isPresent()) {
        break; // the one before was the best
      }
      if (outcome.isPresent()) {
        best = trial;
        cured = outcome.get();
        times = factor;
      }
    }
    double usual = history.facts().adaptive() ? USUAL_ADAPTIVE : USUAL;
    double farther = usual / history.steps().peakRate();
    if (cured == null && farther > LARGEST && Double.isFinite(farther)) {
      best = Trial.from(patient.start(), "a learning rate of " + Digits.of(usual)).rate(farther);
      cured = patient.improvement(best).orElse(null);
      times = farther;
    }
    if (cured == null) {
      return Optional.empty();
    }
    patient.trials().settleOn(best);
    return Optional.of(finding(patient, ratio, times, cured));
  }

  /** The steps of trials are as long as the optimizer makes them; those of the run were not. */
  private static Finding shortened(Case patient, double ratio, TrialOutcome asItIs) {
    return patient.primary(
        Diagnosis.LR_TOO_LOW,
        Case.CONFIRMED,
        "The steps of the run move the weights by at most "
            + Digits.of(ratio)
            + " of their size, although the learning rate would move them further: something shortens"
            + " the gradient, such as clipping it at a very small norm.",
        new Remedy(
            "Clip the gradient at about 1, or not at all.",
            "trainer.clipGradientNorm(1)",
            "--clip-norm 1"),
        asItIs.evidence());
  }

  private static Finding finding(Case patient, double ratio, double factor, TrialOutcome cured) {
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
