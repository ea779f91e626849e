package gradus.train;

import gradus.GradusException;
import gradus.layer.Model;
import gradus.metric.Monitor;
import gradus.weights.WeightSnapshot;
import java.util.Locale;

/**
 * Ends training when the validation has not got better for {@code patience} epochs in a row, and
 * gives the model the weights and running statistics of its best epoch back, whatever ended the
 * run. The copy of the best lies on the device while training runs; {@link BestWeights} keeps one
 * in a file, without ending anything.
 *
 * <p>Defaults: patience 10, minimum delta 0. PyTorch has none; this counts as Keras and Lightning
 * do.
 */
public final class EarlyStopping {
  private final Monitor monitor;
  private int patience = 10;
  private double minDelta;
  private State state;
  private WeightSnapshot bestWeights;

  /**
   * Where it stands: for checkpoints.
   *
   * @param bestEpoch from 1; 0 before the first
   * @param best its value
   * @param badEpochs since then
   */
  record State(int bestEpoch, double best, int badEpochs) {}

  /** Watches a number of the validation. */
  public EarlyStopping(Monitor monitor) {
    this.monitor = monitor;
    reset();
  }

  /** After how many epochs without improvement to stop, from 1. */
  public EarlyStopping patience(int epochs) {
    if (epochs < 1) {
      throw new GradusException(
          "EarlyStopping: the patience is "
              + epochs
              + " epochs, but must be at least 1; with 1 the first epoch that is not better ends"
              + " the run.");
    }
    patience = epochs;
    return this;
  }

  /** By how much an epoch must be better than the best to count, from 0. */
  public EarlyStopping minDelta(double difference) {
    if (!(difference >= 0) || Double.isInfinite(difference)) {
      throw new GradusException(
          "EarlyStopping: the minimum delta is " + difference + ", but must be a number from 0.");
    }
    minDelta = difference;
    return this;
  }

  /** What it watches. */
  public Monitor monitor() {
    return monitor;
  }

  void epochDone(int epoch, double value, Model model) {
    if (monitor.improves(value, state.best, minDelta)) {
      state = new State(epoch, value, 0);
      keep(model);
    } else {
      state = new State(state.bestEpoch, state.best, state.badEpochs + 1);
    }
  }

  boolean shouldStop() {
    return state.badEpochs >= patience;
  }

  String sentence() {
    return String.format(
        Locale.ROOT,
        "the %s has not got better than %.5g of epoch %d for %d epochs",
        monitor.label(),
        state.best,
        state.bestEpoch,
        state.badEpochs);
  }

  /** Gives the best weights back, if there are any, and returns their epoch or 0. */
  int restoreBest() {
    if (bestWeights != null) {
      bestWeights.restore();
    }
    return state.bestEpoch;
  }

  State state() {
    return state;
  }

  void restore(State value) {
    state = value;
  }

  /** The weights of the best epoch, or null before it. */
  WeightSnapshot bestWeights() {
    return bestWeights;
  }

  WeightSnapshot keep(Model model) {
    if (bestWeights == null) {
      bestWeights = new WeightSnapshot(model);
    } else {
      bestWeights.capture();
    }
    return bestWeights;
  }

  void release() {
    if (bestWeights != null) {
      bestWeights.close();
      bestWeights = null;
    }
  }

  void reset() {
    state = new State(0, monitor.worst(), 0);
  }
}
