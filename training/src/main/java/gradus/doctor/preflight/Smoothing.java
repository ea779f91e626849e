package gradus.doctor.preflight;

import gradus.doctor.Diagnosis;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import gradus.loss.CrossEntropyLoss;
import java.util.List;
import java.util.Locale;

/**
 * Asks whether smoothed labels still say which class is right: a smoothing that was taken for the
 * share of the right class leaves hardly anything to learn.
 */
final class Smoothing implements PreflightCheck {
  private static final double MOST = 0.5;

  @Override
  public List<Finding> examine(Subject subject) {
    if (!(subject.loss() instanceof CrossEntropyLoss loss) || loss.labelSmoothing() <= MOST) {
      return List.of();
    }
    double smoothing = loss.labelSmoothing();
    int classes = subject.classes();
    return List.of(
        Finding.note(
            Diagnosis.OVER_REGULARIZATION,
            String.format(
                Locale.ROOT,
                "Labels smoothed by %s ask for %.1f %% of the right class and %.1f %% of each other"
                    + " one.",
                Numbers.text(smoothing),
                100 * (1 - smoothing + smoothing / classes),
                100 * smoothing / classes),
            new Remedy(
                "Smooth labels by 0.1 at most: it is what they lose, not what they keep.",
                "new CrossEntropyLoss().labelSmoothing(0.1)",
                "--label-smoothing 0.1")));
  }
}
