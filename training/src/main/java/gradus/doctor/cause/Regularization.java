package gradus.doctor.cause;

import gradus.doctor.DecayPull;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Penalties or dropout that outweigh the data; the trial does without them. A pull of the penalty
 * that is a fifth of the data's gradient or more speaks for it; in runs that learn well it is a
 * hundredth.
 */
final class Regularization implements Cause {
  private static final double BETTER = 0.95;
  private static final double NOTICEABLE = 0.05; // five times what is usual

  @Override
  public Optional<Finding> examine(Case patient) {
    History.Facts facts = patient.history().facts();
    if (!(facts.penalises() || facts.drops())
        || !(patient.learnsBadly() || patient.shows(Symptom.HELD_BACK))) {
      return Optional.empty();
    }
    DecayPull pull = new DecayPull(patient.history());
    if (!facts.drops() && pull.median() > 0 && pull.median() < NOTICEABLE) {
      return Optional.empty(); // whatever a trial without it comes to
    }
    List<String> without = new ArrayList<>(penalties(facts));
    if (facts.drops()) {
      without.add("dropout");
    }
    Trial trial =
        Trial.from(patient.start(), "no " + String.join(", no ", without))
            .withoutPenalties()
            .withoutDropout();
    Optional<TrialOutcome> cured =
        pull.isStrong() && !patient.hasFailed()
            ? patient.trials().run(trial).filter(outcome -> isBetter(patient, outcome))
            : patient.relief(trial);
    return cured.map(outcome -> finding(patient, pull, outcome));
  }

  private static boolean isBetter(Case patient, TrialOutcome outcome) {
    return patient
        .trials()
        .control(patient.start())
        .filter(
            control ->
                outcome.lossAfter() < BETTER * control.lossAfter()
                    || (!patient.history().facts().drops()
                        && outcome.lateLoss() < BETTER * control.lateLoss()))
        .isPresent();
  }

  private static List<String> penalties(History.Facts facts) {
    List<String> all = new ArrayList<>();
    if (facts.decay() > 0) {
      all.add("weight decay");
    }
    if (facts.l1() > 0) {
      all.add("L1 penalty");
    }
    return all;
  }

  private static String strengths(History.Facts facts) {
    String decay = "A weight decay of " + Digits.of(facts.decay());
    String l1 = "n L1 penalty of " + Digits.of(facts.l1());
    return facts.l1() == 0 ? decay : facts.decay() == 0 ? "A" + l1 : decay + " and a" + l1;
  }

  private static Finding finding(Case patient, DecayPull pull, TrialOutcome outcome) {
    History.Facts facts = patient.history().facts();
    boolean byDropout = facts.drops() && !pull.isStrong(); // the decay is too weak to be it
    return patient.primary(
        Diagnosis.OVER_REGULARIZATION,
        Case.CONFIRMED,
        byDropout
            ? "Dropout leaves too little of the signal to learn from."
            : strengths(facts)
                + (facts.drops() ? ", together with dropout," : "")
                + (penalties(facts).size() > 1 ? " pull" : " pulls")
                + " harder than the data.",
        remedy(patient),
        Stream.of(pullInWords(facts, pull), Optional.of(outcome.evidence()))
            .flatMap(Optional::stream)
            .toArray(Evidence[]::new));
  }

  private static Optional<Evidence> pullInWords(History.Facts facts, DecayPull pull) {
    return facts.penalises()
        ? Optional.of(
            Evidence.of(
                "The pull of the "
                    + String.join(" and ", penalties(facts))
                    + " is "
                    + Digits.of(pull.median())
                    + " of the data's gradient; usual is 0.01."))
        : Optional.empty();
  }

  /** What the treatment does, too: less of all that the trial did without. */
  private static Remedy remedy(Case patient) {
    History.Facts facts = patient.history().facts();
    List<String> sentences = new ArrayList<>();
    List<String> calls = new ArrayList<>();
    List<String> options = new ArrayList<>();
    if (facts.penalises()) {
      sentences.add("Make the " + String.join(" and ", penalties(facts)) + " ten times smaller.");
      double penalties = patient.subject().optimizer().penaltyFactor();
      calls.add("optimizer.setPenaltyFactor(" + Digits.of(penalties / 10) + ")");
    }
    if (facts.decay() > 0) {
      options.add("--weight-decay " + Digits.of(facts.decay() / 10));
    }
    if (facts.l1() > 0) {
      options.add("--l1 " + Digits.of(facts.l1() / 10));
    }
    if (facts.drops()) {
      sentences.add("Leave dropout out; where that overfits, drop at most 0.3.");
      calls.add("new Dropout(0)");
      options.add("--dropout 0");
    }
    sentences.add("Let the learning rate fall to 0 as a cosine.");
    calls.add(patient.cosine());
    options.add("--schedule cosine");
    return new Remedy(
        String.join(" ", sentences), String.join("; ", calls), String.join(" ", options));
  }
}
