package gradus.schedule;

import gradus.GradusException;
import gradus.metric.Monitor;

/**
 * Makes the learning rate smaller when the validation stops getting better. It counts epochs that
 * did not improve on the best by the threshold; one more than {@code patience} multiplies the rate
 * by {@code factor}, and counting rests for {@code cooldown} epochs: PyTorch's algorithm and
 * defaults (0.1, 10, relative 1e-4, 0). The floor is a share of the initial rate, where PyTorch's
 * {@code min_lr} is a rate.
 *
 * <p>{@code Trainer.reduceOnPlateau} feeds it. In a loop of one's own, once per epoch:
 *
 * <pre>{@code
 * optimizer.setLearningRate(initialRate * plateau.epochDone(epoch, validation.loss()));
 * }</pre>
 */
public final class ReduceLROnPlateau {
  private final Monitor monitor;
  private double factor = 0.1;
  private int patience = 10;
  private double threshold = 1e-4;
  private boolean relative = true;
  private int cooldown;
  private double minimum;
  private State state;

  /**
   * Where it stands: for checkpoints.
   *
   * @param epoch the last one it was told of, from 1; 0 before the first
   * @param best value so far
   * @param badEpochs since then, without those of a cooldown
   * @param cooldownLeft epochs
   * @param factor on the initial rate
   * @param reductions so far
   */
  public record State(
      int epoch, double best, int badEpochs, int cooldownLeft, double factor, int reductions) {}

  /** Watches a number of the validation. */
  public ReduceLROnPlateau(Monitor monitor) {
    this.monitor = monitor;
    reset();
  }

  /** What the rate is multiplied by, above 0 and below 1. */
  public ReduceLROnPlateau factor(double value) {
    require(value > 0 && value < 1, "factor", value, "lie between 0 and 1");
    factor = value;
    return this;
  }

  /** How many epochs without improvement are borne; the next one reduces. From 0. */
  public ReduceLROnPlateau patience(int epochs) {
    require(epochs >= 0, "patience", epochs, "be at least 0");
    patience = epochs;
    return this;
  }

  /** By which share of the best a value must be better, from 0 to 1: threshold_mode "rel". */
  public ReduceLROnPlateau relativeThreshold(double share) {
    require(share >= 0 && share < 1, "relative threshold", share, "be from 0 and below 1");
    threshold = share;
    relative = true;
    return this;
  }

  /** By how much a value must be better than the best, from 0: threshold_mode "abs". */
  public ReduceLROnPlateau absoluteThreshold(double difference) {
    require(
        difference >= 0 && difference < Double.POSITIVE_INFINITY,
        "absolute threshold",
        difference,
        "be a number from 0");
    threshold = difference;
    relative = false;
    return this;
  }

  /** For how many epochs after a reduction none is counted, from 0. */
  public ReduceLROnPlateau cooldown(int epochs) {
    require(epochs >= 0, "cooldown", epochs, "be at least 0");
    cooldown = epochs;
    return this;
  }

  /** The share of the initial rate it never goes below, from 0 to 1. */
  public ReduceLROnPlateau minimum(double share) {
    require(share >= 0 && share <= 1, "minimum", share, "be from 0 to 1");
    minimum = share;
    return this;
  }

  /**
   * Tells it how the validation after an epoch went.
   *
   * @param epoch from 1, each exactly one more than the last
   * @param value of the {@link #monitor}; NaN counts as no improvement
   * @return what the initial learning rate is to be multiplied by from now on
   * @throws GradusException if this epoch was told before or one was left out, as when it is called
   *     per batch
   */
  public double epochDone(int epoch, double value) {
    if (epoch != state.epoch + 1) {
      throw new GradusException(
          "ReduceLROnPlateau was told of epoch "
              + epoch
              + " after epoch "
              + state.epoch
              + ". Call epochDone once per epoch, after its validation, not per batch; call reset"
              + " before another run.");
    }
    double best = state.best;
    int bad = state.badEpochs;
    int cooling = state.cooldownLeft;
    double share = state.factor;
    int reductions = state.reductions;
    if (improves(value, best)) {
      best = value;
      bad = 0;
    } else {
      bad++;
    }
    if (cooling > 0) {
      cooling--;
      bad = 0;
    }
    if (bad > patience) {
      double smaller = Math.max(minimum, share * factor);
      reductions += smaller < share ? 1 : 0;
      share = Math.min(share, smaller);
      cooling = cooldown;
      bad = 0;
    }
    state = new State(epoch, best, bad, cooling, share, reductions);
    return share;
  }

  private boolean improves(double value, double best) {
    if (!relative) {
      return monitor.improves(value, best, threshold);
    }
    // PyTorch's rule, which for a negative best asks for less than the best itself.
    return monitor.lessIsBetter() ? value < best * (1 - threshold) : value > best * (1 + threshold);
  }

  /** What the initial learning rate is to be multiplied by now. */
  public double factor() {
    return state.factor;
  }

  /** What it watches. */
  public Monitor monitor() {
    return monitor;
  }

  /** Where it stands, for a checkpoint. */
  public State state() {
    return state;
  }

  /** Goes on from where another one stood. */
  public void restore(State value) {
    state = value;
  }

  /** Forgets the run so far. */
  public void reset() {
    state = new State(0, monitor.worst(), 0, 0, 1, 0);
  }

  /** Forgets how the validation was, but not which epoch it is: the weights are others now. */
  public void forget() {
    state = new State(state.epoch, monitor.worst(), 0, 0, 1, 0);
  }

  private static void require(boolean holds, String what, Object value, String rule) {
    if (!holds) {
      throw new GradusException(
          "ReduceLROnPlateau: the " + what + " is " + value + ", but must " + rule + ".");
    }
  }
}
