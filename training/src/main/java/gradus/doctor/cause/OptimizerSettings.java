package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.trial.Trial;
import gradus.layer.ParameterStore;
import gradus.optim.Adam;
import gradus.optim.Optimizer;
import gradus.optim.SGD;
import java.util.Optional;

/** Momentum, betas or epsilon out of range; the trial takes the usual ones. */
final class OptimizerSettings implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    Optional<Finding> note = patient.history().preflight(Diagnosis.OPTIMIZER_MISCONFIGURED);
    if (note.isEmpty() || !patient.leavesMuch()) {
      return Optional.empty();
    }
    double rate = patient.history().steps().peakRate();
    boolean adaptive = patient.history().facts().adaptive();
    return patient
        .cure(
            Trial.from(patient.start(), "the usual momentum or betas")
                .optimizer(parameters -> usual(parameters, adaptive, rate)))
        .map(o -> patient.primary(note.get(), Case.CONFIRMED, o.evidence()));
  }

  private static Optimizer usual(ParameterStore parameters, boolean adaptive, double rate) {
    return adaptive
        ? Adam.of(parameters).learningRate(rate).build()
        : SGD.of(parameters).learningRate(rate).build();
  }
}
