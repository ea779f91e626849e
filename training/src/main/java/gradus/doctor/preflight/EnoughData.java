package gradus.doctor.preflight;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Looks whether there is something to tell apart, and more than a handful of images to learn from.
 */
final class EnoughData implements PreflightCheck {
  /** Images of each class, on average: below that there is nothing to generalise from. */
  private static final int FEWEST = 5;

  @Override
  public List<Finding> examine(Subject subject) {
    double[] counts = Labels.counts(subject.train());
    long images = Arrays.stream(subject.train().order(0)).distinct().count();
    long classes = Arrays.stream(counts).filter(count -> count > 0).count();
    if (classes == 1) {
      return List.of(ofOneClass(subject, counts, images));
    }
    return images < FEWEST * classes ? List.of(few(images, classes)) : List.of();
  }

  private static Finding ofOneClass(Subject subject, double[] counts, long images) {
    int only = 0;
    while (counts[only] == 0) {
      only++;
    }
    return Finding.certain(
        Diagnosis.CLASS_IMBALANCE,
        String.format(
            Locale.ROOT,
            "%s of the class \"%s\": there is nothing to tell apart, and always saying so costs"
                + " nothing.",
            images == 1
                ? "The only training image is"
                : String.format(Locale.ROOT, "All %,d training images are", images),
            subject.train().dataset().classNames().get(only)),
        Remedy.of(
            "Train on images of at least two classes; if there should be some, look at where the"
                + " labels come from, and at what picks the images."));
  }

  private static Finding few(long images, long classes) {
    return Finding.note(
        Diagnosis.INSUFFICIENT_DATA,
        String.format(
            Locale.ROOT,
            "There are only %d training images for %d classes: they can be learned by heart, but"
                + " say little of others.",
            images,
            classes),
        Remedy.of(
            "Collect more: some hundred of each class, or a pretrained network and some dozens."));
  }
}
