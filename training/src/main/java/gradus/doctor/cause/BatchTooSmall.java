package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.doctor.trial.Trial;
import java.util.Locale;
import java.util.Optional;

/** Very small batches; the trial's are eight times as large, or 16, at the same learning rate. */
final class BatchTooSmall implements Cause {
  private static final int SMALL = 8;
  private static final int FACTOR = 8;
  private static final int LEAST = 16;
  private static final long FIRST_STEPS = 100;

  /** Noise does no harm to a run that hardly moves. */
  private static final double LONG_STEP = 0.01;

  @Override
  public Optional<Finding> examine(Case patient) {
    int batch = patient.history().facts().batchSize();
    boolean isNoisy =
        patient.shows(Symptom.NON_FINITE, Symptom.DIVERGING, Symptom.OSCILLATING, Symptom.STALLED);
    boolean jumps =
        patient.hasFailed()
            && patient.history().largestUpdateRatio(FIRST_STEPS).orElse(0) > LONG_STEP;
    if (batch > SMALL || !(isNoisy || jumps)) {
      return Optional.empty();
    }
    int larger = Math.max(LEAST, FACTOR * batch);
    return patient
        .cure(Trial.from(patient.start(), "batches of " + larger + " images").batchSize(larger))
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
                        larger),
                    new Remedy(
                        "Use larger batches, add up several before each update, or make the"
                            + " learning rate smaller by the square root of the factor.",
                        "loader.toBuilder().batchSize(64).build()",
                        "--batch 64"),
                    o.evidence()));
  }
}
