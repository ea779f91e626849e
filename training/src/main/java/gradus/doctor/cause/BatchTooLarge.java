package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * So few steps that the run cannot get anywhere. The trial goes through as many images in updates
 * of an eighth: of fewer batches where several are accumulated, else of smaller ones.
 */
final class BatchTooLarge implements Cause {
  private static final long FEW_PER_EPOCH = 10;
  private static final long FEW_STEPS = 200;
  private static final int PARTS = 8;
  private static final int LEAST = 16; // images: below that updates are noise
  private static final int STEPS = 40;

  @Override
  public Optional<Finding> examine(Case patient) {
    History.Facts facts = patient.history().facts();
    int images = Math.min(facts.imagesPerUpdate(), facts.trainingImages());
    if (facts.stepsPerEpoch() >= FEW_PER_EPOCH
        || facts.plannedSteps() >= FEW_STEPS
        || images / PARTS < LEAST
        || !patient.shows(Symptom.FLAT, Symptom.SLOW, Symptom.STALLED, Symptom.STILL_IMPROVING)) {
      return Optional.empty();
    }
    Smaller smaller = Smaller.of(facts, images / PARTS);
    Optional<TrialOutcome> large =
        patient
            .trials()
            .run(
                Trial.from(patient.start(), "as many images in the same batches")
                    .steps(STEPS / PARTS));
    Trial many = smaller.trial(patient.start()).steps(STEPS);
    Optional<TrialOutcome> small = large.flatMap(few -> farther(patient, many, few));
    if (small.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        patient.primary(
            Diagnosis.BATCH_TOO_LARGE,
            Case.CONFIRMED,
            String.format(
                Locale.ROOT,
                "With %s there %s in an epoch, %d in all: too few to get anywhere.",
                facts.accumulates()
                    ? "updates from " + patient.updateInWords()
                    : String.format(Locale.ROOT, "batches of %,d images", images),
                facts.stepsPerEpoch() == 1
                    ? "is only 1 step"
                    : "are only " + facts.stepsPerEpoch() + " steps",
                facts.plannedSteps()),
            smaller.remedy(),
            large.get().evidence(),
            small.get().evidence()));
  }

  /** From the beginning the loss may have to fall to what guessing costs before anything counts. */
  private static Optional<TrialOutcome> farther(Case patient, Trial many, TrialOutcome few) {
    return many.start() == Trial.Start.BEGINNING
        ? patient.learns(many, 2 * Math.max(0, few.skill()))
        : patient.trials().run(many).filter(o -> o.gainsTwiceAsMuchAs(few));
  }

  /**
   * An update of fewer images.
   *
   * @param batch its batches
   * @param batches how many of them; 0 where the run accumulates none
   * @param smallerBatch whether they are smaller than the run's
   */
  private record Smaller(int batch, int batches, boolean smallerBatch) {
    /** Fewer batches first: they are what has been chosen to make the update large. */
    static Smaller of(History.Facts facts, int images) {
      int batch = Math.min(facts.batchSize(), images);
      return new Smaller(
          batch, facts.accumulates() ? images / batch : 0, batch < facts.batchSize());
    }

    Trial trial(Trial.Start start) {
      String ofSize = "batches of " + batch + " images";
      if (batches == 0) {
        return Trial.from(start, ofSize).batchSize(batch);
      }
      if (smallerBatch) {
        return Trial.from(start, ofSize + ", none accumulated").batchSize(batch);
      }
      String name = batches == 1 ? "every batch" : "every " + batches + " batches";
      return Trial.from(start, "an update after " + name).accumulate(batches);
    }

    Remedy remedy() {
      List<String> ways = new ArrayList<>();
      List<String> calls = new ArrayList<>();
      List<String> options = new ArrayList<>();
      if (batches > 0) {
        ways.add(batches == 1 ? "Accumulate no batches" : "Accumulate fewer batches");
        calls.add("trainer.accumulate(" + batches + ")");
        options.add("--accumulate " + batches);
      }
      if (smallerBatch) {
        ways.add(ways.isEmpty() ? "Use smaller batches" : "use smaller ones");
        calls.add("loader.toBuilder().batchSize(" + batch + ").build()");
        options.add("--batch " + batch);
      }
      return new Remedy(
          String.join(" and ", ways)
              + (smallerBatch ? ", or" : ", or use")
              + " a larger learning rate with a warm-up and more epochs.",
          String.join("; ", calls),
          String.join(" ", options));
    }
  }
}
