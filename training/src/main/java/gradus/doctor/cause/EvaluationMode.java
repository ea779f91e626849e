package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.train.EpochReport;
import java.util.Locale;
import java.util.Optional;

/** The run's own validation is much worse than the same images in evaluation mode. */
final class EvaluationMode implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    return patient.shows(Symptom.INCONSISTENT)
        ? patient.history().underratedValidation().map(report -> finding(patient, report))
        : Optional.empty();
  }

  private static Finding finding(Case patient, EpochReport report) {
    return patient.primary(
        Diagnosis.EVAL_MODE_ERROR,
        Case.CONFIRMED,
        "The validation is done in training mode: dropout stays on, or batch norm uses the"
            + " batch.",
        new Remedy(
            "Validate in an evaluation pass; Evaluator does.",
            "new Evaluator(model, loss).evaluate(validation)",
            null),
        Evidence.of(
            String.format(
                Locale.ROOT,
                "The validation images are right to %.1f %% in evaluation mode, and to %.1f %%"
                    + " as the run reports it.",
                100 * patient.history().last().validation().accuracy(),
                100 * report.validationAccuracy())));
  }
}
