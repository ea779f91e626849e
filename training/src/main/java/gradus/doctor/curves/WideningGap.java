package gradus.doctor.curves;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.doctor.Trend;
import gradus.train.EpochReport;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The validation loss rises while the training loss falls, and the accuracies are apart: the
 * network learns by heart. Where the validation accuracy still grows it is only a note, because
 * then the network has but become too sure of itself.
 */
final class WideningGap implements CurveRule {
  private static final double RISE = 1.1; // of the lowest
  private static final int EPOCHS_ABOVE = 3;
  private static final double GAP = 0.05;
  private static final double LOSS_GAP = 1.5;
  private static final double STILL_BETTER = 0.01;
  private static final int LATEST = 3;

  @Override
  public Optional<Finding> examine(Curves all) {
    Curves curves = all.validated();
    if (!curves.has(EpochReport::trainLoss) || !curves.has(EpochReport::validationLoss)) {
      return Optional.empty();
    }
    double[] train = curves.column(EpochReport::trainLoss);
    double[] validation = curves.column(EpochReport::validationLoss);
    int last = curves.size() - 1;
    double[] smooth = smooth(validation);
    int best = 0;
    for (int i = 1; i <= last; i++) {
      best = smooth[i] < smooth[best] ? i : best;
    }
    if (last - best < EPOCHS_ABOVE
        || latest(validation) < RISE * smooth[best]
        || train[last] >= train[best]
        || !isGrowing(validation, best)
        || !isApart(curves, train[last], validation[last])) {
      return Optional.empty();
    }
    Finding finding =
        CurveRule.finding(
            curves,
            Diagnosis.OVERFITTING,
            LIKELY,
            Symptom.RISING,
            String.format(
                Locale.ROOT,
                "The validation loss was lowest in epoch %d, %.4g, and is %.4g now, while the"
                    + " training loss went from %.4g to %.4g%s: the network learns its training"
                    + " images by heart.",
                curves.epochs().get(best).epoch(),
                smooth[best],
                latest(validation),
                train[best],
                train[last],
                accuracies(curves)),
            new Remedy(
                "Stop when the validation stops getting better and keep the best weights; augment"
                    + " the images, add weight decay or dropout, or collect more images.",
                "trainer.earlyStopping(new EarlyStopping(Monitor.VALIDATION_LOSS).patience(10))",
                "--early-stopping 10 --weight-decay 0.01"),
            Evidence.of(all.lossChart()));
    return Optional.of(stillBetter(curves, best) ? finding.as(Finding.Role.NOTE) : finding);
  }

  /** Of each epoch and its neighbours, so that one lucky epoch is not the best. */
  private static double[] smooth(double... values) {
    double[] smooth = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      int from = Math.max(0, i - 1);
      int to = Math.min(values.length, i + 2);
      smooth[i] = Trend.mean(Arrays.copyOfRange(values, from, to));
    }
    return smooth;
  }

  private static boolean isGrowing(double[] values, int from) {
    double[] after = Arrays.copyOfRange(values, from, values.length);
    double[] x = new double[after.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = i;
    }
    return Growth.of(x, after).certain();
  }

  private static boolean isApart(Curves curves, double train, double validation) {
    return hasAccuracies(curves)
        ? latest(curves.column(EpochReport::trainAccuracy))
                - latest(curves.column(EpochReport::validationAccuracy))
            > GAP
        : validation > LOSS_GAP * train;
  }

  private static boolean stillBetter(Curves curves, int best) {
    if (!curves.has(EpochReport::validationAccuracy)) {
      return false;
    }
    double[] accuracy = curves.column(EpochReport::validationAccuracy);
    return latest(accuracy) > accuracy[best] + STILL_BETTER;
  }

  private static boolean hasAccuracies(Curves curves) {
    return curves.has(EpochReport::trainAccuracy) && curves.has(EpochReport::validationAccuracy);
  }

  private static String accuracies(Curves curves) {
    return hasAccuracies(curves)
        ? String.format(
            Locale.ROOT,
            "; %.1f %% of the training images are right, but %.1f %% of the validation's",
            100 * latest(curves.column(EpochReport::trainAccuracy)),
            100 * latest(curves.column(EpochReport::validationAccuracy)))
        : "";
  }

  /** The mean of the last epochs: one alone is noise. */
  private static double latest(double... values) {
    return Trend.mean(
        Arrays.copyOfRange(values, Math.max(0, values.length - LATEST), values.length));
  }
}
