package gradus.doctor.cause;

import gradus.data.DataLoader;
import gradus.data.Sampler;
import gradus.doctor.Checkup.Judgement;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Examiner;
import gradus.doctor.Finding;
import gradus.doctor.Subject;
import gradus.doctor.Symptom;
import gradus.doctor.trial.Trial;
import gradus.doctor.trial.TrialOutcome;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What is learned by heart may be labels that are wrong. A trial leaves a part of the training
 * images out: where the network then finds these harder than the validation's, which it has not
 * seen either, the two are not labelled alike.
 */
final class HarderTraining implements Cause {
  private static final int FEWEST = 300;
  private static final int MOST = 2_000;
  private static final int PART = 3;
  private static final int STEPS = 80;
  private static final int BATCH = 64;
  private static final double CERTAIN = 4; // standard errors
  private static final double NOTICEABLE = 0.1; // of what is right in the validation
  private static final double LEARNED = 0.1;

  @Override
  public Optional<Finding> examine(Case patient) {
    if (!patient.shows(Symptom.GAP)
        || !patient.shows(Symptom.RISING, Symptom.MEMORIZED)
        || patient.history().preflight(Diagnosis.CLASS_IMBALANCE).isPresent()
        || patient.history().preflight(Diagnosis.PREPROCESSING_MISMATCH).isPresent()) {
      return Optional.empty(); // the last two make one part harder as well
    }
    Subject subject = patient.subject();
    int[] images = shuffled(subject.train(), subject.seed());
    int aside = Math.min(MOST, images.length / PART);
    int held = Math.min(MOST, subject.validation().dataset().size());
    if (Math.min(aside, held) < FEWEST) {
      return Optional.empty();
    }
    int[] left = Arrays.copyOf(images, aside);
    int[] rest = Arrays.copyOfRange(images, aside, images.length);
    Sampler others = epoch -> left;
    try (DataLoader unseen =
            subject.train().toBuilder()
                .withoutAugmentation()
                .sampler(others)
                .batchSize(BATCH)
                .dropLast(false)
                .workers(0)
                .build();
        DataLoader validation = Examiner.sample(subject.validation(), held, subject.seed())) {
      Trial trial =
          Trial.from(Trial.Start.BEGINNING, "a part of the training images left out")
              .data(settings -> settings.sampler(epoch -> rest))
              .steps(STEPS)
              .judgedOn(unseen, validation);
      return patient
          .trials()
          .run(trial)
          .map(TrialOutcome::others)
          .flatMap(judged -> finding(patient, judged.get(0), judged.get(1)));
    }
  }

  private static Optional<Finding> finding(Case patient, Judgement unseen, Judgement validation) {
    double known = validation.accuracy() - validation.largestShare();
    double lead =
        Math.min(
            validation.accuracy() - unseen.accuracy(),
            validation.macroRecall() - unseen.macroRecall());
    double error = Math.hypot(validation.standardError(), unseen.standardError());
    if (known < LEARNED || lead < Math.max(NOTICEABLE * validation.accuracy(), CERTAIN * error)) {
      return Optional.empty();
    }
    return Optional.of(
        patient.primary(
            Diagnosis.LABEL_NOISE,
            Case.LIKELY,
            "A part of the training labels is wrong, and is learned by heart: the network is better"
                + " on validation images than on training images that it has not seen either.",
            TrainingLabels.remedy(),
            Evidence.of(
                String.format(
                    Locale.ROOT,
                    "After %d steps without %,d of the training images %.1f %% of these are right, and"
                        + " %.1f %% of %,d validation images.",
                    STEPS,
                    unseen.images(),
                    100 * unseen.accuracy(),
                    100 * validation.accuracy(),
                    validation.images()))));
  }

  /** Each once. */
  private static int[] shuffled(DataLoader train, long seed) {
    int[] images = Arrays.stream(train.order(0)).distinct().toArray();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = images.length - 1; i > 0; i--) {
      int k = random.nextInt(i + 1);
      int other = images[k];
      images[k] = images[i];
      images[i] = other;
    }
    return images;
  }
}
