package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import java.util.Optional;

/** Numbers that grow without bounds and that no learning rate keeps down. */
final class ExplodingGradients implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    if (!patient.shows(Symptom.NON_FINITE, Symptom.DIVERGING)) {
      return Optional.empty();
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
