package gradus.doctor.cause;

import gradus.doctor.Checkup;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import java.util.Locale;
import java.util.Optional;

/** A network that cannot even learn 32 images by heart, and does no better on what it trains on. */
final class TooSmall implements Cause {
  @Override
  public Optional<Finding> examine(Case patient) {
    Checkup last = patient.history().last();
    boolean stuck = patient.shows(Symptom.FLAT, Symptom.SLOW, Symptom.STALLED);
    if (!stuck
        || patient.shows(
            Symptom.GAP, Symptom.NON_FINITE, Symptom.DIVERGING, Symptom.STILL_IMPROVING)) {
      return Optional.empty();
    }
    Optional<Memorization> memorized = Memorization.of(patient);
    if (memorized.isEmpty() || memorized.get().succeeded()) {
      return Optional.empty();
    }
    long parameters = patient.history().facts().parameters();
    return Optional.of(
        patient.primary(
            Diagnosis.CAPACITY_TOO_LOW,
            Case.CONFIRMED,
            String.format(
                Locale.ROOT,
                "The network, of %,d parameters, is too small: it cannot even learn 32 images by"
                    + " heart.",
                parameters),
            new Remedy(
                "Take a network with more channels or another block of convolutions.",
                "new Conv2d(32, 3).padding(1)",
                "--model deepercnn"),
            Evidence.of(
                String.format(
                    Locale.ROOT,
                    "It gets %.1f %% of its training images right.",
                    100 * last.train().accuracy())),
            memorized.get().outcome().evidence()));
  }
}
