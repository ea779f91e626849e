package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.doctor.trial.Trial;
import java.util.Locale;
import java.util.Optional;

/** Very small batches; the trial's are sixteen times as large at the same learning rate. */
final class BatchTooSmall implements Cause {
  private static final int SMALL = 8;
  private static final int FACTOR = 16;

  @Override
  public Optional<Finding> examine(Case patient) {
    int batch = patient.history().facts().batchSize();
    if (batch > SMALL
        || !(patient.hasFailed() || patient.shows(Symptom.OSCILLATING, Symptom.STALLED))) {
      return Optional.empty();
    }
    return patient
        .cure(
            Trial.from(patient.start(), "batches of " + FACTOR * batch + " images")
                .batchSize(FACTOR * batch))
        .map(
            o ->
                patient.primary(
                    Diagnosis.BATCH_TOO_SMALL,
                    Case.CONFIRMED,
                    String.format(
                        Locale.ROOT,
                        "Steps of %d image%s are mostly noise at this learning rate; the same steps"
                            + " of %d images learn.",
                        batch,
                        batch == 1 ? "" : "s",
                        FACTOR * batch),
                    new Remedy(
                        "Use larger batches, add up several before each update, or make the"
                            + " learning rate smaller by the square root of the factor.",
                        "DataLoader.of(train).batchSize(64)",
                        "--batch 64"),
                    o.evidence()));
  }
}
