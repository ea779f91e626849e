package gradus.doctor.curves;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Evidence.Chart;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.train.EpochReport;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The learning rate became tiny in the first third of the run, and the loss stopped there. */
final class RateCollapse implements CurveRule {
  private static final double TINY = 0.01; // of the highest
  private static final double EARLY = 0.3; // of the epochs
  private static final int FEWEST_AFTER = 3;
  private static final double PROGRESS = 0.05;

  @Override
  public Optional<Finding> examine(Curves curves) {
    if (!curves.has(EpochReport::learningRate) || curves.size() <= FEWEST_AFTER) {
      return Optional.empty();
    }
    double[] rate = curves.column(EpochReport::learningRate);
    double[] loss = curves.loss();
    int peak = 0;
    for (int i = 1; i < rate.length; i++) {
      peak = rate[i] > rate[peak] ? i : peak;
    }
    int tiny = peak;
    while (tiny < rate.length && rate[tiny] >= TINY * rate[peak]) {
      tiny++;
    }
    boolean early = tiny < rate.length && tiny + 1 <= EARLY * curves.plannedEpochs();
    if (!early || rate.length - tiny < FEWEST_AFTER || !curves.isFarFromDone()) {
      return Optional.empty();
    }
    double last = loss[loss.length - 1];
    if (last < (1 - PROGRESS) * loss[tiny]) {
      return Optional.empty();
    }
    return Optional.of(
        CurveRule.finding(
            curves,
            Diagnosis.LR_SCHEDULE_COLLAPSE,
            LIKELY,
            Symptom.STALLED,
            String.format(
                Locale.ROOT,
                "The learning rate fell from %.3g to %.3g by epoch %d of %d, and the loss stopped"
                    + " there: %.4g then, %.4g at the end.",
                rate[peak],
                rate[tiny],
                tiny + 1,
                curves.plannedEpochs(),
                loss[tiny],
                last),
            new Remedy(
                "Let a plateau see the validation once per epoch, with more patience, or use a"
                    + " schedule that ends with the run.",
                "trainer.reduceOnPlateau(new ReduceLROnPlateau(Monitor.VALIDATION_LOSS).patience(10))",
                "--schedule cosine"),
            Evidence.of(
                new Chart(
                    "Learning rate",
                    "epoch",
                    "learning rate",
                    true,
                    List.of(curves.line("learning rate", EpochReport::learningRate)))),
            Evidence.of(curves.lossChart())));
  }
}
