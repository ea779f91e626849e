package gradus.doctor.preflight;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Looks at how much each class counts in training: how often its images come in an epoch, times its
 * weight in the loss. A sampler or weights that balance the classes are thus respected.
 */
final class ClassBalance implements PreflightCheck {
  @Override
  public List<Finding> examine(Subject subject) {
    int[] images = subject.train().dataset().classCounts();
    double[] counts = Labels.counts(subject.train());
    float[] weights = subject.loss().weightsOfClasses();
    if (weights != null && weights.length == counts.length) {
      for (int c = 0; c < counts.length; c++) {
        counts[c] *= weights[c];
      }
    }
    int[] held =
        subject.validation() == null ? images : subject.validation().dataset().classCounts();
    double total = 0;
    int least = -1;
    int most = 0;
    for (int c = 0; c < counts.length; c++) {
      total += counts[c];
      most = counts[c] > counts[most] ? c : most;
      boolean wanted = images[c] > 0 || (c < held.length && held[c] > 0);
      least = wanted && (least < 0 || counts[c] < counts[least]) ? c : least;
    }
    if (least < 0
        || (counts[most] <= 10 * counts[least] && counts[least] >= 0.1 * total / counts.length)) {
      return List.of();
    }
    List<String> names = subject.train().dataset().classNames();
    List<String> table = new ArrayList<>();
    for (int c = 0; c < counts.length; c++) {
      table.add(String.format(Locale.ROOT, "%s %,d", names.get(c), images[c]));
    }
    String share =
        images[least] == 0
            ? "none at all"
            : String.format(Locale.ROOT, "%.0f times as much", counts[most] / counts[least]);
    return List.of(
        Finding.note(
            Diagnosis.CLASS_IMBALANCE,
            String.format(
                Locale.ROOT,
                "The class \"%s\" has %,d training images and \"%s\" %,d; in the loss the one counts"
                    + " %s.",
                names.get(most),
                images[most],
                names.get(least),
                images[least],
                images[least] == 0 ? "alone: of the other there is nothing to learn" : share),
            new Remedy(
                "Let rare classes count more, or come more often (--balance weighted-sampler).",
                "new CrossEntropyLoss().classWeights("
                    + "ClassWeights.inverseFrequency(train.classCounts()))",
                "--class-weights inverse"),
            Evidence.of("Training images: " + Numbers.list(table, 20) + ".")));
  }
}
