package gradus.schedule;

import gradus.GradusException;
import gradus.optim.Optimizer;

/**
 * Drives the learning rate of an optimizer: {@code initial rate * schedule * plateau}. The {@code
 * Trainer} has one; in a loop of one's own, before every step:
 *
 * <pre>{@code
 * LearningRate rate = LearningRate.of(optimizer).schedule(Schedule.cosine(epochs));
 * rate.beginStep(epoch, step, stepsPerEpoch); // both from 1
 * }</pre>
 *
 * It knows which step must come next, so that a schedule cannot be stepped twice, not at all, or at
 * the wrong place; PyTorch's {@code scheduler.step()} can.
 */
public final class LearningRate {
  private final Optimizer optimizer;
  private final double initial;
  private Schedule schedule = Schedule.constant();
  private ReduceLROnPlateau plateau;
  private Schedule override; // of the rate itself, instead of the three above
  private double multiplier = 1;
  private int epoch; // 0 before the first
  private int step;
  private int steps;

  private LearningRate(Optimizer optimizer) {
    this.optimizer = optimizer;
    this.initial = optimizer.learningRate();
  }

  /** The rate of an optimizer; what it has now is the initial one. */
  public static LearningRate of(Optimizer optimizer) {
    return new LearningRate(optimizer);
  }

  /** How it changes over time; by default it stays. */
  public LearningRate schedule(Schedule value) {
    schedule = value;
    return this;
  }

  /** What makes it smaller on top of the schedule; tell it of each epoch's validation. */
  public LearningRate reduceOnPlateau(ReduceLROnPlateau value) {
    plateau = value;
    return this;
  }

  /**
   * Sets the rate of the step that comes now.
   *
   * @param epochNow from 1; any at the first call, for resumed runs
   * @param stepNow from 1 to {@code stepsNow}
   * @param stepsNow of this epoch
   * @throws GradusException if this step does not follow the last one
   */
  public void beginStep(int epochNow, int stepNow, int stepsNow) {
    boolean continues = epochNow == epoch && stepNow == step + 1 && stepsNow == steps;
    boolean begins =
        stepNow == 1 && epochNow >= 1 && (epoch == 0 || (epochNow == epoch + 1 && step == steps));
    if (!(continues || begins) || stepNow > stepsNow) {
      throw new GradusException(
          "The learning rate was asked for step "
              + stepNow
              + " of "
              + stepsNow
              + " in epoch "
              + epochNow
              + (epoch == 0
                  ? " at first"
                  : " after step " + step + " of " + steps + " in epoch " + epoch)
              + ". Call beginStep once before every step, with epochs and steps counted from 1;"
              + " call restart before another run.");
    }
    epoch = epochNow;
    step = stepNow;
    steps = stepsNow;
    optimizer.setLearningRate(planned(epoch - 1 + (double) (step - 1) / steps));
  }

  /**
   * The rate at a time in epochs from 0, as far as it is known now: a plateau may yet reduce it.
   */
  public double planned(double time) {
    double reduced = plateau == null ? 1 : plateau.factor();
    double given =
        override == null ? initial * schedule.factor(time) * reduced : override.factor(time);
    return given * multiplier;
  }

  /**
   * What all rates are multiplied by from the next step on, until {@link #restart}; 1 is as
   * planned.
   */
  public void multiply(double factor) {
    multiplier = factor;
  }

  /**
   * Follows another schedule from the next step on, until {@link #restart}, instead of initial
   * rate, schedule and plateau.
   *
   * @param peak what the factor of {@code value} is multiplied by
   */
  public void override(double peak, Schedule value) {
    override = time -> peak * value.factor(time);
  }

  /** Follows initial rate, schedule and plateau again, after {@link #override}. */
  public void asPlanned() {
    override = null;
  }

  /** The rest of this epoch is left out: the next one may begin. */
  public void skipEpoch() {
    step = steps;
  }

  /** Epochs done when the step ends that was begun last, with fractions. */
  public double epochsDone() {
    return steps == 0 ? 0 : epoch - 1 + (double) step / steps;
  }

  /** Forgets which step was the last, before another run; the schedule begins anew. */
  public void restart() {
    epoch = 0;
    step = 0;
    steps = 0;
    override = null;
    multiplier = 1;
  }
}
