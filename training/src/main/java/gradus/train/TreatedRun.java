package gradus.train;

import gradus.data.DataLoader;
import gradus.layer.Model;
import gradus.optim.GradientClipping;
import gradus.optim.Optimizer;
import gradus.schedule.LearningRate;
import gradus.schedule.Schedule;
import gradus.tensor.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A run of a {@link Trainer} as its doctor sees it. */
final class TreatedRun implements Treatable, AutoCloseable {
  private final Model model;
  private final Optimizer optimizer;
  private final TrainingStep step;
  private final LearningRate rate;
  private final AfterEpoch afterEpoch;
  private final DataLoader given;
  private final int epochs;
  private final double penaltyFactor; // as it was given
  private final Double momentum; // likewise; null if the optimizer has none
  private final List<String> notices = new ArrayList<>();
  private Adjustments adjustments = Adjustments.NONE;
  private DataLoader loader;
  private boolean endsEpoch;
  private boolean stops;
  private long undoneSteps;

  /** A run that begins. */
  TreatedRun(
      Model model,
      Optimizer optimizer,
      TrainingStep step,
      LearningRate rate,
      AfterEpoch afterEpoch,
      DataLoader train,
      int epochs) {
    this.model = model;
    this.optimizer = optimizer;
    this.step = step;
    this.rate = rate;
    this.afterEpoch = afterEpoch;
    this.given = train;
    this.loader = train;
    this.epochs = epochs;
    this.penaltyFactor = optimizer.penaltyFactor();
    this.momentum = optimizer.settings().get("momentum");
  }

  @Override
  public double plannedRate(double time) {
    return rate.planned(time);
  }

  @Override
  public boolean isRateChanged() {
    return adjustments.rate() != 1 || adjustments.cosine() != null;
  }

  @Override
  public boolean validatesAverage() {
    return afterEpoch.validatesAverage();
  }

  @Override
  public GradientClipping clipping() {
    return step.clipping();
  }

  @Override
  public Precision precision() {
    return step.precision();
  }

  @Override
  public Accumulation accumulation() {
    return step.accumulation();
  }

  @Override
  public void multiplyLearningRate(double factor) {
    adjust(adjustments.withRate(adjustments.rate() * factor));
  }

  @Override
  public void setMomentum(double value) {
    adjust(adjustments.withMomentum(value));
  }

  @Override
  public void clipGradientNorm(double maxNorm) {
    adjust(adjustments.withClipNorm(maxNorm));
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
    step.forgetGradients();
    step.restartScaling();
    afterEpoch.forget();
  }

  @Override
  public Mark mark() {
    TrainingSnapshot state = new TrainingSnapshot(model, optimizer);
    AfterEpoch.Gathered gathered = afterEpoch.gathered();
    Adjustments then = adjustments;
    return new Mark() {
      @Override
      public void goBack() {
        changeState(state::restore);
        gathered.giveBack();
        adjust(then);
      }

      @Override
      public void close() {
        state.close();
        gathered.close();
      }
    };
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
      if (cosine == null) {
        rate.asPlanned();
      } else if (!cosine.equals(adjustments.cosine())) {
        Schedule schedule = Schedule.cosine(cosine.epochs());
        rate.override(cosine.peak(), time -> schedule.factor(time - cosine.from()));
      }
      rate.multiply(value.rate());
      if (!Objects.equals(value.momentum(), adjustments.momentum())) {
        optimizer.setMomentum(value.momentum() == null ? momentum : value.momentum());
      }
      step.clipInstead(
          value.clipNorm() == null
              ? null
              : new GradientClipping(model.parameters(), value.clipNorm()));
      optimizer.setPenaltyFactor(penaltyFactor * value.penalties());
      step.drop(value.dropout());
      step.multiplyAccumulation(value.accumulation());
      if (!Objects.equals(value.order(), adjustments.order())) {
        DataLoader next =
            value.order() == null ? given : given.toBuilder().shuffle(value.order()).build();
        closeLoader();
        loader = next;
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
    adjust(Adjustments.NONE);
    closeLoader();
  }

  private void closeLoader() {
    if (loader != given) {
      loader.close();
      loader = given;
    }
  }
}
