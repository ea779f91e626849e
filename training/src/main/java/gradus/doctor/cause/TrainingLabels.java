package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import java.util.Optional;

/**
 * Training images that the network finds harder than the validation's, when both are seen in the
 * same way: what it has learned from most of the labels is right, and some labels are not.
 */
final class TrainingLabels implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    if (!patient.shows(Symptom.REVERSED)
        || patient.history().preflight(Diagnosis.CLASS_IMBALANCE).isPresent()
        || patient.history().preflight(Diagnosis.PREPROCESSING_MISMATCH).isPresent()) {
      return Optional.empty(); // those make one part harder as well
    }
    return Optional.of(
        patient.primary(
            Diagnosis.LABEL_NOISE,
            Case.LIKELY,
            "A part of the training labels is wrong: the network was better on validation images"
                + " than on the ones it trains on.",
            remedy(),
            Evidence.of(
                "Both were judged in evaluation mode and without augmentation, where images of the"
                    + " same kind with right labels are never harder for being trained on.")));
  }

  static Remedy remedy() {
    return new Remedy(
        "Look at the training images it gets wrong, and correct or leave out those whose label does"
            + " not fit (./gradus label-errors lists them); until then stop early, and smooth the"
            + " labels.",
        "new CrossEntropyLoss().labelSmoothing(0.1)",
        "--label-smoothing 0.1");
  }
}
