package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import java.util.Optional;

/** Numbers that grow without bounds and that no learning rate keeps down. */
final class ExplodingGradients implements Cause {
  private static final double NORM = 1;

  @Override
  public Optional<Finding> examine(Case patient) {
    if (!patient.shows(Symptom.NON_FINITE, Symptom.DIVERGING)) {
      return Optional.empty();
    }
    Optional<TrialOutcome> clipped =
        patient.cure(
            Trial.from(patient.start(), "gradients shortened to a norm of 1").clipNorm(NORM));
    if (clipped.isPresent()) {
      return Optional.of(
          patient.primary(
              Diagnosis.EXPLODING_GRADIENTS,
              Case.CONFIRMED,
              "Some gradients are so long that a single step spoils what was learned.",
              new Remedy("Shorten long gradients.", "trainer.clipGradientNorm(1)", "--clip-norm 1"),
              clipped.get().evidence()));
    }
    return Optional.of(
        patient.primary(
            Diagnosis.EXPLODING_GRADIENTS,
            patient.trials().areAllowed() ? Case.LIKELY : Case.SUSPECTED,
            patient.trials().areAllowed()
                ? "Activations and gradients grow without bounds, and no smaller learning rate that was"
                    + " tried holds them down."
                : "Activations and gradients grow without bounds: from layer to layer, or because"
                    + " the learning rate is too high. Trials (--doctor probe) tell these apart.",
            new Remedy(
                "Use ReLU with He's initialisation, batch norms or residual connections, and"
                    + " shorten long gradients.",
                "trainer.clipGradientNorm(1)",
                "--clip-norm 1")));
  }
}
