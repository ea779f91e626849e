package gradus.doctor.cause;

import gradus.doctor.Remedy;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import java.util.Optional;

/**
 * A learning rate that has removed the symptom in a trial, and a momentum where that did better.
 *
 * @param trial what was changed
 * @param outcome what came of it
 */
record Pace(Trial trial, TrialOutcome outcome) {
  private static final double MOMENTUM = 0.9;
  private static final double AS_FAR = 1 / (1 - MOMENTUM); // as a step without momentum

  /**
   * Of the rate without momentum. Steps carry three times as far then: halfway between the rate
   * that has been found and one ten times as large, which is too much or not worth it.
   */
  private static final double SHARE = 0.3;

  /** The trial of a rate, if it removes the symptom. */
  static Optional<Pace> of(Case patient, Trial trial) {
    return patient.cure(trial.inFull()).map(outcome -> new Pace(trial, outcome));
  }

  /** So many times the rate of the run. */
  double factor() {
    return trial.rateFor(1);
  }

  /**
   * Of plain SGD with a rate that suits, the same with momentum, if that learns clearly faster: it
   * bears steps that carry further, so that less is lost by what came before.
   */
  Pace withMomentum(Case patient) {
    Double given = patient.subject().optimizer().settings().get("momentum");
    if (!patient.history().facts().optimizer().equals("SGD") || given == null || given > 0) {
      return this;
    }
    double rate = SHARE * factor();
    String name =
        "a learning rate of " + Digits.of(rate * patient.rate()) + " and momentum " + MOMENTUM;
    Trial faster = Trial.from(trial.start(), name).rate(rate).momentum(MOMENTUM);
    return patient
        .trials()
        .run(faster)
        .filter(o -> o.outpaces(outcome, SHARE * AS_FAR))
        .map(o -> new Pace(faster, o))
        .orElse(this);
  }

  /** In words that follow "a learning rate of". */
  String words(Case patient) {
    String rate = Digits.of(factor() * patient.rate());
    return trial.momentum().isEmpty()
        ? rate
        : rate + " with momentum " + Digits.of(trial.momentum().getAsDouble());
  }

  /** What to type: the rate is what was tried at first, and falls so that the weights settle. */
  Remedy remedy(Case patient, String more) {
    String rate = Digits.of(factor() * patient.rate());
    String sentence =
        "Use a learning rate of about " + rate + " that falls to 0 as a cosine" + more;
    if (trial.momentum().isEmpty()) {
      return new Remedy(
          sentence + ".", patient.cosineFrom(rate), "--lr " + rate + " --schedule cosine");
    }
    String momentum = Digits.of(trial.momentum().getAsDouble());
    return new Remedy(
        sentence + ", and a momentum of " + momentum + ".",
        "optimizer.setMomentum(" + momentum + "); " + patient.cosineFrom(rate),
        "--lr " + rate + " --momentum " + momentum + " --schedule cosine");
  }
}
