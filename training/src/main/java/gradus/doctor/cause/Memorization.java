package gradus.doctor.cause;

import gradus.data.DataLoader;
import gradus.data.Sampler;
import gradus.doctor.treatment.Treatment;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import gradus.optim.Adam;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;

/** The trial that asks whether the network can learn 32 images by heart. */
final class Memorization {
  static final double LEARNED = 0.95;

  private static final int IMAGES = 32;
  private static final int STEPS = 100;
  private static final double RATE = 1e-3;

  private Memorization() {}

  static Optional<TrialOutcome> run(Case patient) {
    DataLoader train = patient.subject().train();
    int[] order = train.order(0).clone();
    SplittableRandom random = new SplittableRandom(patient.subject().seed());
    int[] chosen = new int[Math.min(IMAGES, order.length)];
    Arrays.setAll(chosen, i -> order[random.nextInt(order.length)]);
    Sampler fixed = epoch -> chosen;
    return patient
        .trials()
        .run(
            Trial.from(Trial.Start.BEGINNING, "32 images alone, to be learned by heart")
                .data(s -> s.withoutAugmentation().sampler(fixed))
                .batchSize(chosen.length)
                .optimizer(parameters -> Adam.of(parameters).learningRate(RATE).build())
                .prepare(m -> Treatment.initialize(m, patient.subject().seed()))
                .withoutPenalties()
                .withoutDropout()
                .steps(STEPS));
  }

  /** The share of the batch that was right in the end. */
  static boolean succeeded(TrialOutcome outcome) {
    double last = outcome.losses().get(outcome.losses().size() - 1);
    return last < 0.3;
  }
}
