package gradus.doctor.curves;

import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import gradus.train.EpochReport;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The training loss stays where guessing would be. */
final class FlatLoss implements CurveRule {
  private static final double LEARNED_NOTHING = 0.05; // of what guessing leaves
  private static final double UNCHANGED = 0.02; // of the first loss
  private static final double CONSTANT = 1e-5;
  private static final double TINY_RATE = 1e-4; // of any optimizer
  private static final double TWO_CLASSES = 0.66; // just below ln 2, the least that guessing costs
  private static final double ABOVE_GUESSING = 1.005;
  private static final int FEWEST = 3;

  @Override
  public Optional<Finding> examine(Curves curves) {
    if (curves.size() < FEWEST) {
      return Optional.empty();
    }
    double[] loss = curves.loss();
    double best = Arrays.stream(loss).min().getAsDouble();
    double worst = Arrays.stream(loss).max().getAsDouble();
    boolean flat =
        curves.classes() > 1
            ? best > (1 - LEARNED_NOTHING) * curves.guessing()
            : isFlatWithoutReference(curves, best, worst);
    if (!flat) {
      return Optional.empty();
    }
    String seen =
        String.format(
            Locale.ROOT,
            "In %d epochs the loss went from %.4g to %.4g%s",
            loss.length,
            loss[0],
            loss[loss.length - 1],
            curves.classes() > 1
                ? String.format(Locale.ROOT, ", and guessing costs %.4g", curves.guessing())
                : "");
    Evidence evidence = new Evidence(seen + ".", curves.lossChart());
    if (worst - best <= CONSTANT * worst && hasTinyRate(curves)) {
      return Optional.of(
          CurveRule.finding(
              curves,
              Diagnosis.LR_TOO_LOW,
              LIKELY,
              Symptom.FLAT,
              String.format(
                  Locale.ROOT,
                  "The loss is the same in every epoch, to five digits: with a learning rate of at"
                      + " most %.2g the weights hardly move.",
                  highestRate(curves)),
              new Remedy(
                  "Use a usual learning rate, 0.001 for Adam and its kin, 0.02 for SGD, or look for"
                      + " one.",
                  "Adam.of(model.parameters()).learningRate(0.001).build()",
                  "--optimizer adam --lr 0.001"),
              evidence));
    }
    if (worst - best <= CONSTANT * worst) {
      return Optional.of(
          CurveRule.finding(
              curves,
              Diagnosis.PARAMETERS_NOT_UPDATING,
              ONE_STATISTIC,
              Symptom.FLAT,
              "The loss is the same in every epoch, to five digits: the weights do not change.",
              new Remedy(
                  "Make the optimizer from the parameters of the model that is trained, with a learning"
                      + " rate above 0, and call its step after each backward pass.",
                  "SGD.of(model.parameters()).learningRate(0.02).build()",
                  "--lr 0.02"),
              evidence));
    }
    boolean noisy = curves.classes() > 1 && worst > ABOVE_GUESSING * curves.guessing();
    if (!noisy && fallsSteadily(loss)) {
      return Optional.of(
          CurveRule.finding(
              curves,
              Diagnosis.LR_TOO_LOW,
              ONE_STATISTIC,
              Symptom.FLAT,
              "The loss falls in nearly every epoch, but hardly: the steps are too short.",
              CurveRule.rate(
                  curves,
                  10,
                  "Try a learning rate ten times larger; look for a good one.",
                  "",
                  "--optimizer adam --lr 0.001"),
              evidence));
    }
    return Optional.of(
        CurveRule.finding(
            curves,
            Diagnosis.LR_TOO_HIGH,
            noisy ? ONE_STATISTIC : A_GUESS,
            Symptom.FLAT,
            (noisy
                    ? "Nothing is learned, and the loss has been above that of guessing: the steps"
                        + " throw the output about. A learning rate that is too high,"
                    : "Nothing is learned, and the loss goes neither down nor up. A learning rate that"
                        + " is too high,")
                + " which kills the units in the first steps, is the most frequent cause; labels that"
                + " do not belong to their images, a bad start of the weights and gradients that"
                + " vanish on their way look the same in curves.",
            curves.tried()
                ? CurveRule.rate(
                    curves,
                    0.1,
                    "Try a learning rate ten times smaller for a whole run, since the doctor's"
                        + " trials are short; then see whether a batch can be learned by heart"
                        + " (./gradus check), and look at images beside their labels.",
                    "",
                    null)
                : CurveRule.rate(
                    curves,
                    0.1,
                    "Try a learning rate ten times smaller first, then train with the doctor, who"
                        + " tells these apart.",
                    "",
                    "--doctor probe"),
            evidence));
  }

  private static boolean hasTinyRate(Curves curves) {
    return curves.has(EpochReport::learningRate)
        && highestRate(curves) > 0
        && highestRate(curves) < TINY_RATE;
  }

  private static double highestRate(Curves curves) {
    return Arrays.stream(curves.column(EpochReport::learningRate)).max().getAsDouble();
  }

  /** Without the number of classes a flat loss may be that of a run that has learned all. */
  private static boolean isFlatWithoutReference(Curves curves, double best, double worst) {
    if (worst - best > UNCHANGED * worst) {
      return false;
    }
    if (curves.has(EpochReport::trainAccuracy)) {
      return Arrays.stream(curves.column(EpochReport::trainAccuracy)).max().getAsDouble() < 0.55;
    }
    return best > TWO_CLASSES;
  }

  private static boolean fallsSteadily(double... loss) {
    int falls = 0;
    for (int i = 1; i < loss.length; i++) {
      falls += loss[i] < loss[i - 1] ? 1 : 0;
    }
    return falls >= 0.9 * (loss.length - 1);
  }
}
