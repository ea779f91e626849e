package gradus.doctor.cause;

import gradus.data.DataLoader;
import gradus.data.Sampler;
import gradus.doctor.treatment.Treatment;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import gradus.optim.Adam;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** The trial that asks whether the network can learn 32 images by heart. */
final class Memorization {
  private static final double LEARNED = 0.3;
  private static final double LITTLE = 0.1;
  private static final int IN_A_ROW = 5;
  private static final int IMAGES = 32;
  private static final int STEPS = 100;
  private static final double RATE = 1e-3;

  /** Networks with batch norms and few weights need longer steps to get there in time. */
  private static final double FAST = 1e-2;

  private Memorization() {}

  static Optional<TrialOutcome> run(Case patient) {
    DataLoader train = patient.subject().train();
    int[] order = train.order(0).clone();
    SplittableRandom random = new SplittableRandom(patient.subject().seed());
    int[] chosen = new int[Math.min(IMAGES, order.length)];
    Arrays.setAll(chosen, i -> order[random.nextInt(order.length)]);
    Sampler fixed = epoch -> chosen;
    Optional<TrialOutcome> slowly = learn(patient, fixed, chosen.length, RATE);
    return slowly.filter(Memorization::succeeded).isPresent()
        ? slowly
        : slowly.flatMap(failed -> learn(patient, fixed, chosen.length, FAST).or(() -> slowly));
  }

  private static Optional<TrialOutcome> learn(
      Case patient, Sampler fixed, int images, double rate) {
    return patient
        .trials()
        .run(
            Trial.from(
                    Trial.Start.BEGINNING,
                    images
                        + " images alone, to be learned by heart at a rate of "
                        + Digits.of(rate))
                .data(s -> s.withoutAugmentation().sampler(fixed))
                .batchSize(images)
                .optimizer(parameters -> Adam.of(parameters).learningRate(rate).build())
                .prepare(m -> Treatment.initialize(m, patient.subject().seed()))
                .withoutPenalties()
                .withoutDropout()
                .steps(STEPS)
                .until(Memorization::isSure));
  }

  private static boolean isSure(List<Double> losses) {
    int known = losses.size() - IN_A_ROW;
    return known >= 0
        && losses.subList(known, losses.size()).stream().allMatch(loss -> loss < LITTLE);
  }

  /** Whether hardly any loss was left in the end. */
  static boolean succeeded(TrialOutcome outcome) {
    double last = outcome.losses().get(outcome.losses().size() - 1);
    return last < LEARNED;
  }
}
