package gradus.doctor.cause;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.History;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.doctor.trial.Trial;
import java.util.Locale;
import java.util.Optional;

/**
 * Very small batches, those that are accumulated taken together; the trial's are eight times as
 * large, or 16, at the same learning rate. Batch norms see one at a time, however many there are.
 */
final class BatchTooSmall implements Cause {
  private static final int SMALL = 8;
  private static final int FACTOR = 8;
  private static final int LEAST = 16;
  private static final int USUAL = 64;
  private static final long FIRST_STEPS = 100;
  private static final String STEPS_OF =
      "Steps of %d image%s are mostly noise at this learning rate; the same steps of %d images"
          + " learn.";
  private static final String NORMS_SEE =
      "Batch norms see %d image%s at a time, however many batches are accumulated: their"
          + " statistics are mostly noise; with batches of %d images the same steps learn.";

  /** Noise does no harm to a run that hardly moves. */
  private static final double LONG_STEP = 0.01;

  @Override
  public Optional<Finding> examine(Case patient) {
    History.Facts facts = patient.history().facts();
    boolean ofNorms = facts.normalises() && facts.imagesPerUpdate() > SMALL;
    int images = ofNorms ? facts.batchSize() : facts.imagesPerUpdate();
    boolean isNoisy =
        patient.shows(Symptom.NON_FINITE, Symptom.DIVERGING, Symptom.OSCILLATING, Symptom.STALLED);
    boolean jumps =
        patient.hasFailed()
            && patient.history().largestUpdateRatio(FIRST_STEPS).orElse(0) > LONG_STEP;
    if (images > SMALL || !(isNoisy || jumps)) {
      return Optional.empty();
    }
    int larger = Math.max(LEAST, FACTOR * images);
    int batches = accumulated(facts, larger);
    String name = "batches of " + larger + " images";
    Trial trial =
        Trial.from(patient.start(), batches == 1 ? name : batches + " accumulated " + name)
            .batchSize(larger)
            .accumulate(batches);
    return patient
        .cure(trial)
        .map(
            o ->
                patient.primary(
                    Diagnosis.BATCH_TOO_SMALL,
                    Case.CONFIRMED,
                    String.format(
                        Locale.ROOT,
                        ofNorms ? NORMS_SEE : STEPS_OF,
                        images,
                        images == 1 ? "" : "s",
                        larger),
                    ofNorms ? largerBatches(facts) : remedy(facts, larger),
                    o.evidence()));
  }

  /** How many batches of a size come nearest to the images of an update. */
  private static int accumulated(History.Facts facts, int batch) {
    return Math.max(1, facts.imagesPerUpdate() / batch);
  }

  private static Remedy remedy(History.Facts facts, int larger) {
    if (facts.normalises() && facts.accumulates()) {
      return largerBatches(facts);
    }
    if (facts.accumulates()) {
      int batches = Math.max(USUAL, larger) / facts.batchSize();
      return new Remedy(
          "Accumulate more batches, use larger ones, or make the learning rate smaller by the"
              + " square root of the factor.",
          "trainer.accumulate(" + batches + ")",
          "--accumulate " + batches);
    }
    return new Remedy(
        facts.normalises()
            ? "Use larger batches, or make the learning rate smaller by the square root of the"
                + " factor; to add up several before each update leaves batch norms their few"
                + " images."
            : "Use larger batches, add up several before each update, or make the learning rate"
                + " smaller by the square root of the factor.",
        "loader.toBuilder().batchSize(64).build()",
        "--batch 64");
  }

  /** What batch norms need. */
  static Remedy largerBatches(History.Facts facts) {
    String larger = "loader.toBuilder().batchSize(64).build()";
    String option = "--batch 64";
    String otherwise =
        "; where memory allows none, use GroupNorm instead of BatchNorm2d: it looks at one image at"
            + " a time.";
    if (!facts.accumulates()) {
      return new Remedy(
          "Use larger batches (to accumulate small ones does not help batch norms, which see each"
              + " alone)"
              + otherwise,
          larger,
          option);
    }
    int batches = accumulated(facts, USUAL);
    return new Remedy(
        "Use larger batches, and accumulate fewer of them" + otherwise,
        larger + "; trainer.accumulate(" + batches + ")",
        option + " --accumulate " + batches);
  }
}
