package gradus.doctor.cause;

import gradus.data.DataLoader;
import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.trial.Trial;
import java.util.Optional;

/** Images changed beyond recognition; the trial leaves them as they are. */
final class Augmentation implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    if (!patient.history().facts().augments() || !patient.learnsBadly()) {
      return Optional.empty();
    }
    return patient
        .relief(
            Trial.from(patient.start(), "no augmentation")
                .data(DataLoader.Builder::withoutAugmentation))
        .map(
            o ->
                patient.primary(
                    Diagnosis.AUGMENTATION_TOO_STRONG,
                    Case.CONFIRMED,
                    "Augmentation changes the images so much that the network cannot learn their"
                        + " classes from them; without it, it does.",
                    new Remedy(
                        "Leave the transforms out, as the trial did. Then weaken them or lower their"
                            + " probability, and drop those that change the class, such as turning"
                            + " digits upside down: --preview-augmentation paints what they do.",
                        "loader.toBuilder().withoutAugmentation().build()",
                        "--augment none"),
                    o.evidence()));
  }
}
