package gradus.doctor.curves;

import gradus.doctor.Evidence.Chart;
import gradus.doctor.Evidence.Line;
import gradus.train.EpochReport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The learning curves of a run. A number of an epoch that is not known is NaN.
 *
 * @param epochs the finished ones, all with a loss that is a number
 * @param classes of the data, or 0 if that is not known
 * @param planned epochs; 0 if that is not known, and what there is counts as all of it
 * @param nonFiniteEpoch the epoch in which the loss was no number any more, or 0
 * @param restarts how often earlier epochs followed later ones; of each the last is here
 * @param tried whether a doctor has watched the run who may try what helps
 */
public record Curves(
    List<EpochReport> epochs,
    int classes,
    int planned,
    int nonFiniteEpoch,
    int restarts,
    boolean tried) {
  private static final double DONE_ACCURACY = 0.9;
  private static final double DONE_LOSS = 0.4; // of that of guessing

  /** The list is copied. */
  public Curves {
    epochs = List.copyOf(epochs);
  }

  /** Of one run that goes on from epoch to epoch, and of which no doctor is known. */
  public Curves(List<EpochReport> epochs, int classes, int planned, int nonFiniteEpoch) {
    this(epochs, classes, planned, nonFiniteEpoch, 0, false);
  }

  /** The same of a run that a doctor has watched who may try what helps. */
  public Curves ofTriedRun() {
    return new Curves(epochs, classes, planned, nonFiniteEpoch, restarts, true);
  }

  /** The same of those epochs alone that have a validation: it may be made in a few of them. */
  public Curves validated() {
    ToDoubleFunction<EpochReport> number =
        epochs.stream().allMatch(e -> Double.isNaN(e.validationLoss()))
            ? EpochReport::validationAccuracy
            : EpochReport::validationLoss;
    List<EpochReport> some =
        epochs.stream().filter(e -> !Double.isNaN(number.applyAsDouble(e))).toList();
    return new Curves(some, classes, planned, nonFiniteEpoch, restarts, tried);
  }

  /** The number of finished epochs. */
  public int size() {
    return epochs.size();
  }

  /** The epochs the run was to have. */
  public int plannedEpochs() {
    return Math.max(planned, size());
  }

  /** One number of every epoch. */
  public double[] column(ToDoubleFunction<EpochReport> number) {
    return epochs.stream().mapToDouble(number).toArray();
  }

  /** Whether a number is known of every epoch. */
  public boolean has(ToDoubleFunction<EpochReport> number) {
    return !epochs.isEmpty()
        && epochs.stream().allMatch(e -> !Double.isNaN(number.applyAsDouble(e)));
  }

  /** The training loss; where only the validation's is known, that. */
  public double[] loss() {
    return column(
        has(EpochReport::trainLoss) ? EpochReport::trainLoss : EpochReport::validationLoss);
  }

  /**
   * The cross-entropy of guessing, {@code ln classes}; where the classes are not known, the loss of
   * the first epoch, which is below it.
   */
  public double guessing() {
    return classes > 1 ? Math.log(classes) : size() == 0 ? Double.NaN : loss()[0];
  }

  /** Whether there is still much to learn of the training images. */
  public boolean isFarFromDone() {
    if (has(EpochReport::trainAccuracy)) {
      double[] accuracy = column(EpochReport::trainAccuracy);
      return accuracy[size() - 1] < DONE_ACCURACY;
    }
    return loss()[size() - 1] > DONE_LOSS * guessing();
  }

  /** Training and validation loss over the epochs, as far as they are known. */
  public Chart lossChart() {
    List<Line> lines = new ArrayList<>();
    if (has(EpochReport::trainLoss)) {
      lines.add(line("training", EpochReport::trainLoss));
    }
    Curves validated = validated();
    if (validated.has(EpochReport::validationLoss)) {
      lines.add(validated.line("validation", EpochReport::validationLoss));
    }
    return new Chart("Loss", "epoch", "loss", false, lines);
  }

  /** A number over the epochs. */
  public Line line(String name, ToDoubleFunction<EpochReport> number) {
    return new Line(
        name,
        epochs.stream().map(e -> (double) e.epoch()).toList(),
        epochs.stream().map(number::applyAsDouble).toList());
  }
}
