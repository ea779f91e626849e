package gradus.doctor.curves;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import gradus.doctor.Trend;
import gradus.train.EpochReport;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The training loss jumps up and down from epoch to epoch while it is still large: close to 0 it
 * does so in good runs too. The validation loss does in many good runs, and is not judged.
 */
final class Oscillation implements CurveRule {
  private static final int WINDOW = 12;
  private static final int FEWEST = 8;
  private static final int RISES = 3;
  private static final double RISE = 1.1;
  private static final double NOISE = 0.15; // of the mean
  private static final double LARGE = 0.15; // of the loss of guessing

  @Override
  public Optional<Finding> examine(Curves curves) {
    if (!curves.has(EpochReport::trainLoss) || curves.size() <= FEWEST) {
      return Optional.empty();
    }
    double[] all = curves.loss();
    double[] loss = Arrays.copyOfRange(all, Math.max(1, all.length - WINDOW), all.length);
    int rises = 0;
    for (int i = 1; i < loss.length; i++) {
      rises += loss[i] > RISE * loss[i - 1] ? 1 : 0;
    }
    double mean = Trend.mean(loss);
    double noise = Trend.of(loss).residual();
    if (rises < RISES || noise < NOISE * mean || mean < LARGE * curves.guessing()) {
      return Optional.empty();
    }
    return Optional.of(
        CurveRule.finding(
            curves,
            Diagnosis.LR_TOO_HIGH,
            ONE_STATISTIC,
            Symptom.OSCILLATING,
            String.format(
                Locale.ROOT,
                "Over the last %d epochs the training loss is %.4g +- %.2g and rose %d times by more"
                    + " than a tenth: the steps jump over the bottom. Batches of a few images, or"
                    + " images sorted by class, look the same in curves.",
                loss.length,
                mean,
                noise,
                rises),
            CurveRule.rate(
                curves,
                0.1,
                "Try a learning rate ten times smaller, then larger batches. If the curve is that of"
                    + " the last batch of each epoch, draw the mean over the epoch first.",
                "",
                "--schedule cosine"),
            Evidence.of(curves.lossChart())));
  }
}
