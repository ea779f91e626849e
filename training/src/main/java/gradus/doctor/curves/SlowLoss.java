package gradus.doctor.curves;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import java.util.Locale;
import java.util.Optional;

/**
 * The training loss falls without ever levelling off and has not come half of the way: a run whose
 * steps fit falls fast at first and slowly later.
 */
final class SlowLoss implements CurveRule {
  private static final int FEWEST = 6;
  private static final double LEARNED_LITTLE = 0.5;
  private static final double LEVEL = 0.6; // of the first half's fall

  @Override
  public Optional<Finding> examine(Curves curves) {
    int size = curves.size();
    if (size < FEWEST || curves.classes() < 2) {
      return Optional.empty();
    }
    double[] loss = curves.loss();
    double last = loss[size - 1];
    for (int i = 1; i < size; i++) {
      if (loss[i] >= loss[i - 1]) {
        return Optional.empty();
      }
    }
    double firstHalf = loss[0] - loss[size / 2];
    double secondHalf = loss[size / 2] - last;
    boolean little = last > (1 - LEARNED_LITTLE) * curves.guessing();
    if (!little || secondHalf < LEVEL * firstHalf * (size - 1 - size / 2) / (size / 2.0)) {
      return Optional.empty();
    }
    return Optional.of(
        CurveRule.finding(
            curves,
            Diagnosis.LR_TOO_LOW,
            ONE_STATISTIC,
            Symptom.SLOW,
            String.format(
                Locale.ROOT,
                "The loss falls smoothly, as fast at the end as at the beginning, but after %d epochs"
                    + " is %.4g where guessing costs %.4g: the steps are too short, or too few.",
                size,
                last,
                curves.guessing()),
            CurveRule.rate(
                curves,
                10,
                "Try a learning rate ten times larger, then more epochs; look for a good rate.",
                "",
                "--optimizer adam --lr 0.001"),
            Evidence.of(curves.lossChart())));
  }
}
