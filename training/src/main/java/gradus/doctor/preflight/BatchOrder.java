package gradus.doctor.preflight;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Looks at how mixed the classes are within an update: the mean entropy of its labels, compared
 * with that of the same labels in a random order. A data set that lies sorted by class and is not
 * shuffled gives batches of one class.
 */
final class BatchOrder implements PreflightCheck {
  private static final double LEAST_MIXED = 0.8;

  /** With fewer images in an update neighbouring ones are taken together. */
  private static final int LEAST_WINDOW = 32;

  @Override
  public List<Finding> examine(Subject subject) {
    int[] labels = Labels.inOrder(subject.train());
    int window = Math.max(LEAST_WINDOW, subject.imagesPerUpdate());
    if (labels.length < 4 * window) {
      return List.of(); // an epoch of few steps sees all classes anyway
    }
    int classes = subject.classes();
    double given = entropy(labels, window, classes);
    shuffle(labels, subject.seed());
    double mixed = entropy(labels, window, classes);
    if (given >= LEAST_MIXED * mixed) {
      return List.of();
    }
    return List.of(
        Finding.note(
            Diagnosis.DATA_NOT_SHUFFLED,
            String.format(
                Locale.ROOT,
                "%d images that follow each other in training hold about %.1f classes; in a random"
                    + " order there would be %.1f.",
                window,
                Math.exp(given),
                Math.exp(mixed)),
            new Remedy(
                "Draw a new order for every epoch.",
                "loader.toBuilder().shuffle(seed).build()",
                null),
            Evidence.of(
                String.format(
                    Locale.ROOT,
                    "Mean entropy of the labels of %d images: %.2f nats, in a random order %.2f.",
                    window,
                    given,
                    mixed))));
  }

  private static double entropy(int[] labels, int window, int classes) {
    double sum = 0;
    int windows = labels.length / window;
    for (int w = 0; w < windows; w++) {
      int[] counts = new int[classes];
      for (int i = w * window; i < (w + 1) * window; i++) {
        counts[labels[i]]++;
      }
      for (int count : counts) {
        double share = (double) count / window;
        sum -= count == 0 ? 0 : share * Math.log(share);
      }
    }
    return sum / windows;
  }

  private static void shuffle(int[] labels, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = labels.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int kept = labels[i];
      labels[i] = labels[j];
      labels[j] = kept;
    }
  }
}
