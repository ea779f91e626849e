package gradus.doctor;

import gradus.schedule.Schedule;
import gradus.tensor.Shape;
import gradus.train.Accumulation;
import gradus.train.EpochReport;
import gradus.train.StopReason;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * Histories of runs that never were: 10 classes, 5 epochs of 100 steps unless it says otherwise.
 */
public final class SyntheticHistory {
  private static final List<String> NAMES =
      List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
  private static final int CLASSES = NAMES.size();
  private static final int IMAGES = 500;
  private static final int CHECKUPS = 20;

  private final List<Finding> preflight;
  private int epochs = 5;
  private int batch = 64;
  private long parameters = 10_000;
  private Shape images = Shape.of(3, 32, 32);
  private DoubleUnaryOperator loss = progress -> 2.3 * Math.exp(-4 * progress);
  private DoubleUnaryOperator rate = progress -> 0.05;
  private DoubleUnaryOperator plan;
  private DoubleUnaryOperator trainLoss = progress -> 2.3 * Math.exp(-4 * progress);
  private DoubleUnaryOperator trainAccuracy = progress -> 1 - 0.9 * Math.exp(-4 * progress);
  private DoubleUnaryOperator validationLoss;
  private DoubleUnaryOperator validationAccuracy;
  private List<Integer> hits;
  private List<Integer> predictions;
  private double reported = Double.NaN;
  private StopReason end;
  private double until = 1;
  private LossRange range = new LossRange(Math.log(CLASSES), 0);
  private String optimizer = "SGD";
  private Vitals vitals;
  private double decay;
  private double l1;
  private boolean augments;
  private List<Double> shares = Collections.nCopies(CLASSES, 0.1);

  private SyntheticHistory(Finding... notes) {
    preflight = List.of(notes);
  }

  /** One in which everything goes well, after these notes. */
  public static SyntheticHistory healthy(Finding... notes) {
    return new SyntheticHistory(notes);
  }

  /** The training loss of the batches over the progress, 0 to 1. */
  public SyntheticHistory loss(DoubleUnaryOperator value) {
    loss = value;
    trainLoss = value;
    return this;
  }

  /** What the doctor finds on training images, if that is not the loss of the batches. */
  public SyntheticHistory judged(DoubleUnaryOperator value) {
    trainLoss = value;
    return this;
  }

  public SyntheticHistory accuracy(DoubleUnaryOperator value) {
    trainAccuracy = value;
    return this;
  }

  public SyntheticHistory validation(DoubleUnaryOperator losses, DoubleUnaryOperator accuracies) {
    validationLoss = losses;
    validationAccuracy = accuracies;
    return this;
  }

  public SyntheticHistory rate(DoubleUnaryOperator value) {
    rate = value;
    return this;
  }

  /** The rate, as planned. */
  public SyntheticHistory schedule(Schedule value) {
    rate = progress -> value.factor(progress * epochs);
    plan = value::factor;
    return this;
  }

  public SyntheticHistory epochs(int value) {
    epochs = value;
    return this;
  }

  /** What guessing costs. */
  public SyntheticHistory prior(double value) {
    return range(new LossRange(value, 0));
  }

  /** From where the losses fall, and how far they can. */
  public SyntheticHistory range(LossRange value) {
    range = value;
    return this;
  }

  /** Of the classes among the training images. */
  public SyntheticHistory shares(List<Double> value) {
    shares = value;
    return this;
  }

  /** Of the network. */
  public SyntheticHistory parameters(long value) {
    parameters = value;
    return this;
  }

  /** Of this shape, {@code [C,H,W]}. */
  public SyntheticHistory images(Shape value) {
    images = value;
    return this;
  }

  public SyntheticHistory batch(int value) {
    batch = value;
    return this;
  }

  /** Of 50 validation images of each class. */
  public SyntheticHistory predicts(List<Integer> found, List<Integer> said) {
    hits = found;
    predictions = said;
    return this;
  }

  /** What the run itself says its validation accuracy is. */
  public SyntheticHistory reports(double accuracy) {
    reported = accuracy;
    return this;
  }

  /** What was sampled of its weights, by an optimizer of this kind. */
  public SyntheticHistory sampled(Vitals value, String kind) {
    vitals = value;
    optimizer = kind;
    return this;
  }

  /** The weight decay of its optimizer. */
  public SyntheticHistory decay(double value) {
    decay = value;
    return this;
  }

  public SyntheticHistory l1(double value) {
    l1 = value;
    return this;
  }

  /** Its images are changed by chance. */
  public SyntheticHistory augments() {
    augments = true;
    return this;
  }

  public SyntheticHistory until(double progress) {
    until = progress;
    return this;
  }

  public SyntheticHistory ends(StopReason reason) {
    end = reason;
    return this;
  }

  /** The history. */
  public History build() {
    int planned = 100 * epochs;
    StepLog steps = new StepLog();
    steps.start(10);
    History history =
        new History(
            new History.Facts(
                NAMES,
                shares,
                range,
                range,
                images,
                100 * batch,
                IMAGES,
                parameters,
                batch,
                100,
                Accumulation.NONE,
                epochs,
                optimizer,
                false,
                decay,
                l1,
                false,
                augments,
                false),
            steps,
            vitals,
            preflight);
    history.plan(plan);
    history.add(checkup(0, 0, 0));
    int interval = planned / CHECKUPS;
    for (int step = 1; step <= until * planned; step++) {
      double progress = (double) step / planned;
      double value = loss.applyAsDouble(progress);
      steps.add(value, trainAccuracy.applyAsDouble(progress), rate.applyAsDouble(progress));
      if (!Double.isFinite(value)) {
        history.sawNonFinite();
        break;
      }
      if (step % interval == 0) {
        history.add(checkup((step + 99) / 100, step, progress));
      }
      if (step % 100 == 0) {
        double accuracy =
            Double.isNaN(reported) ? history.last().validation().accuracy() : reported;
        history.add(
            new EpochReport(
                step / 100,
                value,
                trainAccuracy.applyAsDouble(progress),
                history.last().validation().loss(),
                accuracy,
                rate.applyAsDouble(progress),
                1,
                1));
      }
    }
    if (end != null) {
      history.end(end);
    }
    return history;
  }

  private Checkup checkup(int epoch, long step, double progress) {
    double accuracy = trainAccuracy.applyAsDouble(progress);
    Checkup.Judgement train = judgement(trainLoss.applyAsDouble(progress), accuracy, null, null);
    Checkup.Judgement validation =
        validationLoss == null
            ? judgement(trainLoss.applyAsDouble(progress), accuracy, hits, predictions)
            : judgement(
                validationLoss.applyAsDouble(progress),
                validationAccuracy.applyAsDouble(progress),
                hits,
                predictions);
    return new Checkup(epoch, step, train, validation);
  }

  private static Checkup.Judgement judgement(
      double loss, double accuracy, List<Integer> found, List<Integer> said) {
    Integer[] each = new Integer[CLASSES];
    Arrays.fill(each, IMAGES / CLASSES);
    List<Integer> right =
        IntStream.range(0, CLASSES)
            .mapToObj(c -> (int) Math.round(accuracy * IMAGES / CLASSES))
            .toList();
    return new Checkup.Judgement(
        IMAGES,
        loss,
        accuracy,
        List.of(each),
        found == null ? right : found,
        said == null ? List.of(each) : said);
  }
}
