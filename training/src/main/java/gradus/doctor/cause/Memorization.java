package gradus.doctor.cause;

import gradus.data.DataLoader;
import gradus.data.Sampler;
import gradus.doctor.Examiner;
import gradus.doctor.LossRange;
import gradus.doctor.treatment.Treatment;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import gradus.optim.Adam;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/**
 * The trial that asks whether the network can learn 32 images by heart.
 *
 * @param range of the loss on just these images: with smoothed labels much is left of it in the end
 * @param outcome of the trial
 */
record Memorization(LossRange range, TrialOutcome outcome) {
  private static final double LEARNED = 0.87; // of what equal answers leave
  private static final double NEARLY_ALL = 0.95;
  private static final int IN_A_ROW = 5;
  private static final int IMAGES = 32;
  private static final int STEPS = 100;
  private static final double RATE = 1e-3;

  /** Networks with batch norms and few weights need longer steps to get there in time. */
  private static final double FAST = 1e-2;

  /**
   * Does the trial; empty where a loss that does not tell its least forbids it, or the budget: at
   * one of the rates alone it may fail in a network that is well.
   */
  static Optional<Memorization> of(Case patient) {
    Examiner examiner = new Examiner(patient.subject().model(), patient.subject().loss());
    if (!examiner.knowsLeast()) {
      return Optional.empty();
    }
    DataLoader train = patient.subject().train();
    int[] order = train.order(0).clone();
    SplittableRandom random = new SplittableRandom(patient.subject().seed());
    int[] chosen = new int[Math.min(IMAGES, order.length)];
    Arrays.setAll(chosen, i -> order[random.nextInt(order.length)]);
    Sampler fixed = epoch -> chosen;
    UnaryOperator<DataLoader.Builder> alone = s -> s.withoutAugmentation().sampler(fixed);
    LossRange range = range(patient, examiner, alone, chosen.length);
    Optional<Memorization> slowly = learn(patient, alone, chosen.length, RATE, range);
    return slowly.filter(Memorization::succeeded).isPresent()
        ? slowly
        : slowly.flatMap(failed -> learn(patient, alone, chosen.length, FAST, range));
  }

  private static LossRange range(
      Case patient, Examiner examiner, UnaryOperator<DataLoader.Builder> alone, int images) {
    int classes = patient.subject().classes();
    DataLoader.Builder settings = alone.apply(patient.subject().train().toBuilder());
    try (DataLoader batch = settings.batchSize(images).dropLast(false).build()) {
      return examiner.range(batch, Collections.nCopies(classes, 1.0 / classes));
    }
  }

  private static Optional<Memorization> learn(
      Case patient,
      UnaryOperator<DataLoader.Builder> alone,
      int images,
      double rate,
      LossRange range) {
    return patient
        .trials()
        .run(
            Trial.from(
                    Trial.Start.BEGINNING,
                    images
                        + " images alone, to be learned by heart at a rate of "
                        + Digits.of(rate))
                .data(alone)
                .batchSize(images)
                .optimizer(parameters -> Adam.of(parameters).learningRate(rate).build())
                .prepare(m -> Treatment.initialize(m, patient.subject().seed()))
                .withoutPenalties()
                .withoutDropout()
                .steps(STEPS)
                .until(losses -> isSure(range, losses)))
        .map(outcome -> new Memorization(range, outcome));
  }

  private static boolean isSure(LossRange range, List<Double> losses) {
    int known = losses.size() - IN_A_ROW;
    return known >= 0
        && losses.subList(known, losses.size()).stream()
            .allMatch(loss -> range.learned(loss) > NEARLY_ALL);
  }

  /** Whether hardly anything was left to be learned in the end. */
  boolean succeeded() {
    List<Double> losses = outcome.losses();
    return range.learned(losses.get(losses.size() - 1)) > LEARNED;
  }
}
