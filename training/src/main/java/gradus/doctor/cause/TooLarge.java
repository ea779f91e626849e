package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import java.util.Locale;
import java.util.Optional;

/** Why a network learns by heart: it has a thousand weights or more for each training image. */
final class TooLarge implements Cause {
  private static final long MANY = 1_000;

  @Override
  public Optional<Finding> examine(Case patient) {
    History.Facts facts = patient.history().facts();
    long each = facts.parameters() / Math.max(1, facts.trainingImages());
    if (each < MANY
        || !patient.shows(Symptom.GAP)
        || !patient.shows(Symptom.RISING, Symptom.MEMORIZED)) {
      return Optional.empty();
    }
    return Optional.of(
        patient.primary(
            Diagnosis.CAPACITY_TOO_HIGH,
            Case.SUSPECTED,
            String.format(
                Locale.ROOT,
                "The network has %,d weights for each of the %,d training images.",
                each,
                facts.trainingImages()),
            new Remedy(
                "Average over all places instead of a wide layer of units, or take fewer of them.",
                "new AdaptiveAvgPool2d(), new Flatten(), new Linear(classes)",
                null),
            Evidence.of("A smaller network with the same training loss would do as well.")));
  }
}
