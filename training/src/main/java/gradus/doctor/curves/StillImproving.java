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

/**
 * The validation accuracy grows to the end, and half as many epochs again would bring two points
 * more; over the logarithm of the epoch most learning curves are nearly straight.
 */
final class StillImproving implements CurveRule {
  private static final int FEWEST = 5;
  private static final double GAIN = 0.02;
  private static final double ANNEALED = 0.05; // of the highest learning rate

  @Override
  public Optional<Finding> examine(Curves all) {
    int epochs = all.size();
    boolean complete = epochs >= all.plannedEpochs() && all.nonFiniteEpoch() == 0;
    Curves curves = all.validated();
    int size = curves.size();
    if (!complete || size < FEWEST || !curves.has(EpochReport::validationAccuracy)) {
      return Optional.empty();
    }
    if (all.has(EpochReport::learningRate)) {
      double[] rate = all.column(EpochReport::learningRate);
      double highest = 0;
      for (double value : rate) {
        highest = Math.max(highest, value);
      }
      if (rate[epochs - 1] < ANNEALED * highest) {
        return Optional.empty(); // it has been brought to rest; the growth was that
      }
    }
    int count = Math.max(FEWEST, size / 2);
    double[] x = new double[count];
    double[] y = new double[count];
    for (int i = 0; i < count; i++) {
      EpochReport epoch = curves.epochs().get(size - count + i);
      x[i] = Math.log(epoch.epoch());
      y[i] = epoch.validationAccuracy();
    }
    Growth growth = Growth.of(x, y);
    double gain = growth.slope() * Math.log(1.5);
    if (gain < GAIN || !growth.certain() || !lossFalls(curves, x)) {
      return Optional.empty();
    }
    return Optional.of(
        CurveRule.finding(
            curves,
            Diagnosis.UNDERTRAINED,
            ONE_STATISTIC,
            Symptom.STILL_IMPROVING,
            String.format(
                Locale.ROOT,
                "The validation accuracy, %.1f %% after %d epochs, still grows, by about %.1f"
                    + " points in half as many epochs again.",
                100 * y[count - 1],
                epochs,
                100 * gain),
            new Remedy(
                "Train for more epochs, with a schedule that ends with them.",
                "trainer.fit(train, validation, " + 2 * epochs + ")",
                "--epochs " + 2 * epochs),
            Evidence.of(
                new Chart(
                    "Accuracy",
                    "epoch",
                    "accuracy",
                    false,
                    List.of(curves.line("validation", EpochReport::validationAccuracy))))));
  }

  /** Where the loss of the validation is known, it must fall as surely as the accuracy grows. */
  private static boolean lossFalls(Curves curves, double... x) {
    if (!curves.has(EpochReport::validationLoss)) {
      return true;
    }
    double[] loss = curves.column(EpochReport::validationLoss);
    double[] gained = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      gained[i] = -loss[loss.length - x.length + i];
    }
    return Growth.of(x, gained).certain();
  }
}
