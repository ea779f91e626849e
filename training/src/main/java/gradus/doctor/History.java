package gradus.doctor;

import gradus.tensor.Shape;
import gradus.train.Accumulation;
import gradus.train.EpochReport;
import gradus.train.StopReason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;

/** Everything known about a run so far: what the rules for symptoms and causes look at. */
public final class History {
  /**
   * What does not change while the run goes on.
   *
   * @param classNames of the data, by label
   * @param shares of the classes among the images trained on
   * @param judged the range of the cross-entropy that the doctor judges by
   * @param own the range of the run's own loss
   * @param imageShape of one image, {@code [C,H,W]}
   * @param batchesPerEpoch those that the loader does not drop
   * @param accumulation how many of them make an update
   * @param decay the optimizer's weight decay, as it is in force
   * @param l1 the strength of its L1 penalty, likewise
   * @param drops whether the network has dropout
   * @param augments whether images are changed by chance
   * @param normalises whether the network has batch norms
   */
  public record Facts(
      List<String> classNames,
      List<Double> shares,
      LossRange judged,
      LossRange own,
      Shape imageShape,
      int trainingImages,
      int validationImages,
      long parameters,
      int batchSize,
      long batchesPerEpoch,
      Accumulation accumulation,
      int epochs,
      String optimizer,
      boolean adaptive,
      double decay,
      double l1,
      boolean drops,
      boolean augments,
      boolean normalises) {
    /** The number of classes of the data. */
    public int classes() {
      return classNames.size();
    }

    /** What a class is called; by its number where only the validation images have more of them. */
    String nameOf(int label) {
      return label < classes() ? "\"" + classNames.get(label) + "\"" : Integer.toString(label);
    }

    /** Images that an update sees. */
    public int imagesPerUpdate() {
      return Math.toIntExact(accumulation.images(batchSize));
    }

    /** Whether an update is made of several batches. */
    public boolean accumulates() {
      return accumulation.batches() > 1;
    }

    /** Updates of an epoch. */
    public long stepsPerEpoch() {
      return accumulation.updates(batchesPerEpoch);
    }

    /** Updates of the whole run. */
    public long plannedSteps() {
      return epochs * stepsPerEpoch();
    }

    /** How long a batch takes, in epochs. */
    private double batchInEpochs() {
      return 1.0 / batchesPerEpoch;
    }

    /** Whether the optimizer pulls weights towards 0. */
    public boolean penalises() {
      return decay > 0 || l1 > 0;
    }
  }

  private static final int MOMENTS = 100;
  private static final double MUCH_LOWER = 0.5;
  private static final double NEARLY_NONE = 1e-3; // of the highest rate
  private static final double ROUNDING = 1e-9; // of a loss that is 0

  private final Facts facts;
  private final StepLog steps;
  private final Vitals vitals;
  private final List<Finding> preflight;
  private final List<Checkup> checkups = new ArrayList<>();
  private final List<EpochReport> epochs = new ArrayList<>();
  private final List<Double> ratesBefore = new ArrayList<>();
  private DoubleUnaryOperator plan; // null: not known
  private StopReason end;
  private boolean nonFinite;
  private boolean validatesAverage;
  private double peakBefore; // 0: the run has begun anew
  private int epochsBefore; // of the run that this one goes on with
  private long stepsBefore; // likewise
  private long stepsOfVitals; // that they had seen before

  /** The history of a run that begins; vitals may be null where there is no model. */
  public History(Facts facts, StepLog steps, Vitals vitals, List<Finding> preflight) {
    this.facts = facts;
    this.steps = steps;
    this.vitals = vitals;
    this.preflight = List.copyOf(preflight);
  }

  /** Adds a checkup, later than all before. */
  public void add(Checkup checkup) {
    checkups.add(checkup);
  }

  /** Adds what the run says of its epoch. */
  public void add(EpochReport epoch) {
    epochs.add(epoch);
  }

  /**
   * The run goes on after these epochs, which the doctor has not seen.
   *
   * @param treated whether the learning rate has been changed since some of them
   */
  public void resume(List<EpochReport> earlier, boolean treated) {
    goOnAfter(earlier);
    if (!treated) {
      earlier.forEach(epoch -> ratesBefore.add(epoch.learningRate()));
    }
    peakBefore = highestRateBefore();
    steps.goesOnFrom(peakBefore);
  }

  /** The epochs know what a plateau has left of the rate, the plan what it was within them. */
  private double highestRateBefore() {
    double highest = ratesBefore.stream().filter(Double::isFinite).reduce(0.0, Math::max);
    for (int i = 0; plan != null && i < MOMENTS; i++) {
      highest = Math.max(highest, plan.applyAsDouble((double) epochsBefore * i / MOMENTS));
    }
    return highest;
  }

  private void goOnAfter(List<EpochReport> earlier) {
    epochs.addAll(earlier);
    epochsBefore = earlier.size();
    stepsBefore = earlier.size() * facts.stepsPerEpoch();
  }

  /** The run goes on after what another history tells of it, in another way from now on. */
  void follows(History other) {
    goOnAfter(other.epochs());
    stepsOfVitals = vitals.steps();
  }

  /** The run validates an average of the weights, which the doctor does not judge. */
  public void validatesAverage() {
    validatesAverage = true;
  }

  /** The run has ended. */
  public void end(StopReason reason) {
    end = reason;
  }

  /** How the learning rate is going to go: the rate at a time in epochs from 0. */
  public void plan(DoubleUnaryOperator rates) {
    plan = rates;
  }

  /** A loss or gradient was no number. */
  public void sawNonFinite() {
    nonFinite = true;
  }

  /** What does not change. */
  public Facts facts() {
    return facts;
  }

  /** Losses and rates. */
  public StepLog steps() {
    return steps;
  }

  /** Gradients and updates, or null. */
  public Vitals vitals() {
    return vitals;
  }

  /**
   * The step that a sample of the vitals was taken in, from 1; below that it was before this run.
   */
  public long stepOfSample(int sample) {
    return vitals.stepOf(sample) - stepsOfVitals;
  }

  /** The doctor's own judgements, the first from before training. */
  public List<Checkup> checkups() {
    return Collections.unmodifiableList(checkups);
  }

  /** The newest judgement. */
  public Checkup last() {
    return checkups.get(checkups.size() - 1);
  }

  /** What the run itself reported. */
  public List<EpochReport> epochs() {
    return Collections.unmodifiableList(epochs);
  }

  /** Why it ended, or null while it goes on. */
  public StopReason end() {
    return end;
  }

  /** Whether the run is over. */
  public boolean hasEnded() {
    return end != null;
  }

  /** Whether a loss or gradient was no number. */
  public boolean isNonFinite() {
    return nonFinite || end == StopReason.NON_FINITE_LOSS || end == StopReason.NON_FINITE_GRADIENT;
  }

  /** What was found of a kind before training. */
  public Optional<Finding> preflight(Diagnosis diagnosis) {
    return preflight.stream().filter(f -> f.diagnosis() == diagnosis).findFirst();
  }

  /** All that was found before training. */
  public List<Finding> preflight() {
    return preflight;
  }

  /**
   * What the run has reported of the weights that the last judgement is of; none within an epoch.
   */
  public Optional<EpochReport> reportOfLast() {
    return epochs.size() == epochsBefore
        ? Optional.empty()
        : Optional.of(epochs.get(epochs.size() - 1)).filter(e -> e.epoch() == last().epoch());
  }

  /**
   * The same, where its validation is of these weights too, not of an average of them and earlier
   * ones, and finds far fewer images right than the judgement does.
   */
  public Optional<EpochReport> underratedValidation() {
    Checkup.Judgement own = last().validation();
    if (validatesAverage || own == null) {
      return Optional.empty();
    }
    return reportOfLast()
        .filter(
            report ->
                own.accuracy() - report.validationAccuracy()
                    > Math.max(0.1, 5 * own.standardError()));
  }

  /**
   * Whether guessing costs anything. Where all images are of one class it does not, and no loss
   * says how much of it is learned.
   */
  public boolean hasMoreThanOneClass() {
    return facts.judged.guessing() - facts.judged.least() > ROUNDING;
  }

  /** How much of what guessing leaves is learned, by the run's own loss: 0 nothing, 1 all. */
  public double skill() {
    return facts.own.learned(steps.average());
  }

  /** The same by a judgement. */
  public double skill(Checkup.Judgement judgement) {
    return facts.judged.learned(judgement.loss());
  }

  /**
   * What the learning rate of the last epoch's end is multiplied by at its lowest in what is left
   * of the run; 1 where it stays or rises, and where no plan is known.
   */
  public double lowestFactorAhead() {
    double batch = facts.batchInEpochs();
    double now = epochs.isEmpty() ? 0 : epochs.get(epochs.size() - 1).epoch() - batch;
    double left = facts.epochs - batch - now;
    double rate = plan == null ? 0 : plan.applyAsDouble(now);
    if (hasEnded() || left <= 0 || !(rate > 0)) {
      return 1;
    }
    double lowest = rate;
    for (int i = 1; i <= MOMENTS; i++) {
      lowest = Math.min(lowest, plan.applyAsDouble(now + left * i / MOMENTS));
    }
    return lowest / rate;
  }

  /**
   * Whether the schedule is yet to lower the rate much. At a high rate the loss jumps or stays
   * where it is, and falls with the rate: until then that says nothing.
   */
  public boolean isRateToFall() {
    return lowestFactorAhead() <= MUCH_LOWER;
  }

  /** Steps of the run that this one goes on with; 0 in one that has begun anew. */
  public long stepsBefore() {
    return stepsBefore;
  }

  /**
   * The learning rate at the end of each epoch before the run was resumed, NaN where it is not
   * known; none where the run was not resumed, or has been treated since.
   */
  public List<Double> ratesBefore() {
    return Collections.unmodifiableList(ratesBefore);
  }

  /** The highest learning rate before the run was resumed; 0 where it was not. */
  public double peakBefore() {
    return peakBefore;
  }

  /** The share of the planned steps that is done. */
  public double progress() {
    return (double) (stepsBefore + steps.steps()) / Math.max(1, facts.plannedSteps());
  }

  /**
   * The largest update ratio of any layer in the first steps, up to {@code last}: later on weights
   * that have grown hide how long the steps are. Empty without samples: a loop of one's own may not
   * tell of its gradients. Nobody has seen the first steps of a resumed run: at their rate those
   * that follow would be as many times longer as it was higher.
   */
  public OptionalDouble largestUpdateRatio(long last) {
    OptionalDouble largest = OptionalDouble.empty();
    for (int i = 0; vitals != null && i < vitals.samples() && vitals.stepOf(i) <= last; i++) {
      for (int layer = 0; layer < vitals.layers().size(); layer++) {
        double ratio = lengthening(i) * vitals.updateRatio(i, layer);
        if (Double.isFinite(ratio) && ratio >= largest.orElse(0)) {
          largest = OptionalDouble.of(ratio);
        }
      }
    }
    return largest;
  }

  /** NaN where the rate has become so low that rounding takes part of a step away. */
  private double lengthening(int sample) {
    double rate = steps.rateAt(stepOfSample(sample));
    if (peakBefore == 0) {
      return 1;
    }
    return rate < NEARLY_NONE * peakBefore ? Double.NaN : Math.max(1, peakBefore / rate);
  }
}
