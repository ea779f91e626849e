package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.Remedy;
import gradus.doctor.Vitals;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Penalties or dropout that outweigh the data; the trial does without them. A pull of the penalty
 * that is a fifth of the data's gradient or more speaks for it; in runs that learn well it is a
 * hundredth.
 */
final class Regularization implements Cause {
  private static final double STRONG = 0.2;
  private static final double BETTER = 0.95;

  @Override
  public Optional<Finding> examine(Case patient) {
    History.Facts facts = patient.history().facts();
    if (!(facts.decays() || facts.drops()) || !patient.learnsBadly()) {
      return Optional.empty();
    }
    double pull = pull(patient);
    String what =
        facts.decays() && facts.drops()
            ? "neither weight decay nor dropout"
            : facts.decays() ? "no weight decay" : "no dropout";
    Trial trial = Trial.from(patient.start(), what).withoutPenalties().withoutDropout();
    Optional<TrialOutcome> cured =
        pull > STRONG && !patient.hasFailed()
            ? patient.trials().run(trial).filter(outcome -> isBetter(patient, outcome))
            : patient.cure(trial);
    return cured.map(outcome -> finding(patient, pull, outcome));
  }

  private static boolean isBetter(Case patient, TrialOutcome outcome) {
    return patient
        .trials()
        .control(Trial.Start.NOW)
        .filter(
            control ->
                outcome.lossAfter() < BETTER * control.lossAfter()
                    || (!patient.history().facts().drops()
                        && outcome.lateLoss() < BETTER * control.lateLoss()))
        .isPresent();
  }

  /**
   * The median over the samples of how strong the penalty pulls: next to the data's gradient, or
   * where the decay is decoupled from it, next to the whole change of a step.
   */
  private static double pull(Case patient) {
    Vitals vitals = patient.history().vitals();
    double decay = patient.subject().optimizer().weightDecay();
    int layers = vitals == null ? 0 : vitals.layers().size();
    if (layers == 0 || vitals.samples() == 0 || decay == 0) {
      return 0;
    }
    boolean decoupled = patient.history().facts().optimizer().equals("AdamW");
    double step = decay * patient.history().steps().peakRate();
    double[] ratios =
        IntStream.range(0, vitals.samples())
            .mapToDouble(
                sample ->
                    IntStream.range(0, layers)
                        .mapToDouble(
                            layer ->
                                decoupled
                                    ? step / Math.max(vitals.updateRatio(sample, layer), 1e-30)
                                    : decay
                                        * vitals.weightRms(sample, layer)
                                        / Math.max(vitals.gradientRms(sample, layer), 1e-30))
                        .sorted()
                        .toArray()[layers / 2])
            .sorted()
            .toArray();
    return ratios[ratios.length / 2];
  }

  private static Finding finding(Case patient, double pull, TrialOutcome outcome) {
    History.Facts facts = patient.history().facts();
    double decay = patient.subject().optimizer().weightDecay();
    String weaker = Digits.of(decay / 10);
    boolean byDropout = facts.drops() && pull <= STRONG; // the decay is too weak to be it
    return patient.primary(
        Diagnosis.OVER_REGULARIZATION,
        Case.CONFIRMED,
        byDropout
            ? "Dropout leaves too little of the signal to learn from."
            : "A weight decay of "
                + Digits.of(decay)
                + (facts.drops() ? ", together with dropout," : "")
                + " pulls harder than the data.",
        byDropout
            ? new Remedy("Drop at most 0.3.", "new Dropout(0.2)", "--dropout 0.2")
            : new Remedy(
                "Make the weight decay ten times smaller, and dropout at most 0.3.",
                ".weightDecay(" + weaker + ")",
                "--weight-decay " + weaker),
        Evidence.of(
            "The pull of the decay is "
                + Digits.of(pull)
                + " of the data's gradient; usual is 0.01."),
        outcome.evidence());
  }
}
