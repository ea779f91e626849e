package gradus.doctor.curves;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import java.util.Optional;

/** The loss became NaN or infinite. */
final class NonFiniteLoss implements CurveRule {
  @Override
  public Optional<Finding> examine(Curves curves) {
    int epoch = curves.nonFiniteEpoch();
    if (epoch == 0) {
      return Optional.empty();
    }
    String others =
        epoch == 1
            ? " Pixels that are NaN or reach from 0 to 255 would look the same."
            : " Since it went well before, pixels that are NaN are unlikely.";
    return Optional.of(
        CurveRule.finding(
            curves,
            Diagnosis.LR_TOO_HIGH,
            ONE_STATISTIC,
            Symptom.NON_FINITE,
            "The loss is no number from epoch "
                + epoch
                + " on. Steps that are too long are the usual cause."
                + others,
            CurveRule.rate(
                curves,
                0.1,
                "Try a learning rate ten times smaller with a warm-up and clipped gradients, and check"
                    + " the data.",
                "--clip-norm 1 --warmup 1",
                "--clip-norm 1 --warmup 1"),
            curves.size() == 0
                ? Evidence.of("There is no epoch with a loss that is a number.")
                : Evidence.of(curves.lossChart())));
  }
}
