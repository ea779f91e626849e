package gradus.doctor.curves;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The training loss climbs far above guessing, or far above its own best. */
final class Divergence implements CurveRule {
  private static final double ABOVE_GUESSING = 2;
  private static final double ABOVE_BEST = 4;

  @Override
  public Optional<Finding> examine(Curves curves) {
    if (curves.size() < 2) {
      return Optional.empty();
    }
    double[] loss = curves.loss();
    double last = loss[loss.length - 1];
    double best = Arrays.stream(loss).min().getAsDouble();
    double guessing = curves.guessing();
    boolean climbs = last > ABOVE_BEST * best && last > guessing / 2;
    if (!climbs && !(last > ABOVE_GUESSING * guessing)) {
      return Optional.empty();
    }
    return Optional.of(
        CurveRule.finding(
            curves,
            Diagnosis.LR_TOO_HIGH,
            ONE_STATISTIC,
            Symptom.DIVERGING,
            String.format(
                Locale.ROOT,
                "The training loss is %.4g at the end, its lowest was %.4g, and %s: the steps"
                    + " overshoot.",
                last,
                best,
                curves.classes() > 1
                    ? String.format(Locale.ROOT, "guessing costs %.4g", guessing)
                    : String.format(Locale.ROOT, "it began at %.4g", guessing)),
            CurveRule.rate(
                curves,
                0.1,
                "Try a learning rate ten times smaller, with a warm-up; look for a good one.",
                "--warmup 1",
                "--warmup 1 --clip-norm 1"),
            Evidence.of(curves.lossChart())));
  }
}
