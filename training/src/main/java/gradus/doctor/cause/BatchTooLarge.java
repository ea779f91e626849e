package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import java.util.Locale;
import java.util.Optional;

/**
 * So few steps that the run cannot get anywhere. The trial goes through as many images in batches
 * of an eighth.
 */
final class BatchTooLarge implements Cause {
  private static final long FEW_PER_EPOCH = 10;
  private static final long FEW_STEPS = 200;
  private static final int PARTS = 8;
  private static final int STEPS = 40;

  @Override
  public Optional<Finding> examine(Case patient) {
    History.Facts facts = patient.history().facts();
    int batch = Math.min(facts.batchSize(), facts.trainingImages());
    int smaller = batch / PARTS;
    if (facts.stepsPerEpoch() >= FEW_PER_EPOCH
        || facts.plannedSteps() >= FEW_STEPS
        || smaller < 1
        || !patient.shows(Symptom.FLAT, Symptom.SLOW, Symptom.STALLED, Symptom.STILL_IMPROVING)) {
      return Optional.empty();
    }
    Optional<TrialOutcome> large =
        patient
            .trials()
            .run(
                Trial.from(Trial.Start.NOW, "as many images in the same batches")
                    .steps(STEPS / PARTS));
    Optional<TrialOutcome> small =
        patient
            .trials()
            .run(
                Trial.from(Trial.Start.NOW, "batches of " + smaller + " images")
                    .batchSize(smaller)
                    .steps(STEPS));
    if (large.isEmpty() || small.isEmpty() || !small.get().gainsTwiceAsMuchAs(large.get())) {
      return Optional.empty();
    }
    return Optional.of(
        patient.primary(
            Diagnosis.BATCH_TOO_LARGE,
            Case.CONFIRMED,
            String.format(
                Locale.ROOT,
                "With batches of %,d images there %s in an epoch, %d in all: too few to get"
                    + " anywhere.",
                batch,
                facts.stepsPerEpoch() == 1
                    ? "is only 1 step"
                    : "are only " + facts.stepsPerEpoch() + " steps",
                facts.plannedSteps()),
            new Remedy(
                "Use smaller batches, or a larger learning rate with a warm-up and more epochs.",
                "loader.toBuilder().batchSize(" + smaller + ").build()",
                "--batch " + smaller),
            large.get().evidence(),
            small.get().evidence()));
  }
}
