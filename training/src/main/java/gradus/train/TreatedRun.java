package gradus.train;

import gradus.data.DataLoader;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.optim.Optimizer;
import gradus.optim.WeightAverage;
import gradus.schedule.LearningRate;
import gradus.schedule.ReduceLROnPlateau;
import gradus.schedule.Schedule;
import java.util.ArrayList;
import java.util.List;

/** A run of a {@link Trainer} as its doctor sees it. */
final class TreatedRun implements Treatable, AutoCloseable {
  private final Model model;
  private final Optimizer optimizer;
  private final TrainingStep step;
  private final LearningRate rate;
  private final int epochs;
  private final ReduceLROnPlateau plateau;
  private final EarlyStopping earlyStopping;
  private final WeightAverage average;
  private final boolean averagesSteps;
  private final double penaltyFactor; // as it was given
  private final List<String> notices = new ArrayList<>();
  private Adjustments adjustments = Adjustments.NONE;
  private DataLoader loader;
  private boolean ownsLoader;
  private boolean endsEpoch;
  private boolean stops;
  private long undoneSteps;

  /**
   * A run that begins.
   *
   * @param plateau null if the run has none, like the two after it
   * @param averagesSteps whether the average is of steps, rather than of epochs
   */
  TreatedRun(
      Model model,
      Optimizer optimizer,
      TrainingStep step,
      LearningRate rate,
      DataLoader train,
      int epochs,
      ReduceLROnPlateau plateau,
      EarlyStopping earlyStopping,
      WeightAverage average,
      boolean averagesSteps) {
    this.model = model;
    this.optimizer = optimizer;
    this.step = step;
    this.rate = rate;
    this.loader = train;
    this.epochs = epochs;
    this.plateau = plateau;
    this.earlyStopping = earlyStopping;
    this.average = average;
    this.averagesSteps = averagesSteps;
    this.penaltyFactor = optimizer.penaltyFactor();
  }

  @Override
  public void multiplyLearningRate(double factor) {
    adjust(adjustments.withRate(adjustments.rate() * factor));
  }

  @Override
  public void restartSchedule(double peak) {
    double from = rate.epochsDone();
    adjust(adjustments.withCosine(new Adjustments.Cosine(peak, from, epochs - from)));
  }

  @Override
  public void multiplyPenalties(double factor) {
    adjust(adjustments.withPenalties(adjustments.penalties() * factor));
  }

  @Override
  public void withoutDropout() {
    adjust(adjustments.withoutDropout());
  }

  @Override
  public void accumulate(int factor) {
    adjust(adjustments.withAccumulation(adjustments.accumulation() * factor));
  }

  @Override
  public void shuffle(long seed) {
    adjust(adjustments.withOrder(seed));
    endsEpoch = true;
  }

  @Override
  public void changeState(Runnable change) {
    long steps = optimizer.steps();
    change.run();
    undoneSteps += steps - optimizer.steps();
    model.parameters().list().forEach(Parameter::gradientUsed);
    step.forgetGradients();
    if (average != null) {
      average.restoreCount(0);
      if (averagesSteps) {
        average.update(); // it may be asked for before the next step
      }
    }
    if (earlyStopping != null) {
      earlyStopping.release();
      earlyStopping.reset();
    }
    if (plateau != null) {
      plateau.forget();
    }
  }

  @Override
  public void stop() {
    stops = true;
  }

  @Override
  public void tell(String sentence) {
    notices.add(sentence);
  }

  /** Does to a resumed run what was done to it before. */
  void restore(Adjustments value) {
    adjust(value);
  }

  private void adjust(Adjustments value) {
    if (!value.equals(adjustments)) {
      Adjustments.Cosine cosine = value.cosine();
      if (cosine != null && !cosine.equals(adjustments.cosine())) {
        Schedule schedule = Schedule.cosine(cosine.epochs());
        rate.override(cosine.peak(), time -> schedule.factor(time - cosine.from()));
      }
      rate.multiply(value.rate());
      optimizer.setPenaltyFactor(penaltyFactor * value.penalties());
      step.drop(value.dropout());
      step.multiplyAccumulation(value.accumulation());
      if (value.order() != null && !value.order().equals(adjustments.order())) {
        DataLoader shuffled = loader.toBuilder().shuffle(value.order()).build();
        closeLoader();
        loader = shuffled;
        ownsLoader = true;
      }
      adjustments = value;
    }
  }

  Adjustments adjustments() {
    return adjustments;
  }

  /** What the next epoch is to be read from. */
  DataLoader loader() {
    endsEpoch = false;
    return loader;
  }

  /** Whether the rest of this epoch is to be left out. */
  boolean endsEpoch() {
    return endsEpoch;
  }

  boolean stops() {
    return stops;
  }

  /** Updates that were undone by going back. */
  long undoneSteps() {
    return undoneSteps;
  }

  /** What is to be told, once. */
  List<String> takeNotices() {
    List<String> taken = List.copyOf(notices);
    notices.clear();
    return taken;
  }

  /** The trainer may begin another run, which nothing has been done to. */
  @Override
  public void close() {
    closeLoader();
    adjust(
        new Adjustments(1, adjustments.cosine(), 1, true, 1, adjustments.order())); // back to usual
  }

  private void closeLoader() {
    if (ownsLoader) {
      loader.close();
      ownsLoader = false;
    }
  }
}
