package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.Remedy;
import gradus.doctor.trial.Trial;
import java.util.Locale;
import java.util.Optional;

/** Penalties or dropout that outweigh the data; the trial does without them. */
final class Regularization implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    History.Facts facts = patient.history().facts();
    if (!(facts.decays() || facts.drops()) || !patient.learnsBadly()) {
      return Optional.empty();
    }
    double decay = patient.subject().optimizer().weightDecay();
    String what =
        facts.decays() && facts.drops()
            ? "without weight decay and dropout"
            : facts.decays() ? "no weight decay" : "no dropout";
    return patient
        .cure(Trial.from(patient.start(), what).withoutPenalties().withoutDropout())
        .map(
            o ->
                patient.primary(
                    Diagnosis.OVER_REGULARIZATION,
                    Case.CONFIRMED,
                    (facts.decays()
                            ? String.format(Locale.ROOT, "A weight decay of %.3g", decay)
                            : "Dropout")
                        + (facts.decays() && facts.drops() ? " together with dropout" : "")
                        + " pulls harder than the data.",
                    new Remedy(
                        "Make the weight decay ten times smaller, and dropout at most 0.3.",
                        String.format(Locale.ROOT, ".weightDecay(%.3g)", decay / 10),
                        facts.decays()
                            ? String.format(Locale.ROOT, "--weight-decay %.3g", decay / 10)
                            : "--dropout 0.2"),
                    o.evidence()));
  }
}
