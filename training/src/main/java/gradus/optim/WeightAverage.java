package gradus.optim;

import gradus.GradusException;
import gradus.layer.Model;
import gradus.weights.WeightSnapshot;

/**
 * The average of a model's weights and running statistics over training, which often generalises
 * better than the last ones: {@code average += share (weights - average)}, the first time a copy.
 * The share is {@code 1 - decay} (EMA) or {@code 1 / n} (SWA, Izmailov et al. 2018,
 * arXiv:1803.05407): PyTorch's AveragedModel with {@code use_buffers}.
 *
 * <p>{@code Trainer.average} and {@code Trainer.stochasticAverage} feed it; in a loop of one's own,
 * call {@link #update} after the optimizer's step. Close it before the model.
 */
public final class WeightAverage implements AutoCloseable {
  private final WeightSnapshot average;
  private final double decay;
  private long count;

  private WeightAverage(Model model, double decay) {
    this.average = new WeightSnapshot(model);
    this.decay = decay;
  }

  /** An exponential moving average (EMA). {@code decay} is from 0 and below 1, usually 0.999. */
  public static WeightAverage exponential(Model model, double decay) {
    if (!(decay >= 0 && decay < 1)) {
      throw new GradusException(
          "The decay of an average of weights is "
              + decay
              + ", but must be from 0 and below 1; 0.999 is usual.");
    }
    return new WeightAverage(model, decay);
  }

  /** The mean of all updates (SWA). */
  public static WeightAverage equal(Model model) {
    return new WeightAverage(model, Double.NaN);
  }

  /** Takes the model as it is now into the average. */
  public void update() {
    count++;
    if (count == 1) {
      average.capture();
    } else {
      average.blend(Double.isNaN(decay) ? 1.0 / count : 1 - decay);
    }
  }

  /** Updates so far. */
  public long count() {
    return count;
  }

  /**
   * Copies the average to the model.
   *
   * @throws GradusException if there was no update yet
   */
  public void apply() {
    requireUpdated();
    average.restore();
  }

  /** Exchanges the average and the model's weights, to judge the average; call it twice. */
  public void exchange() {
    requireUpdated();
    average.exchange();
  }

  /** The arrays, for checkpoints. */
  public WeightSnapshot snapshot() {
    return average;
  }

  /** For checkpoints: sets the number of updates the arrays came from. */
  public void restoreCount(long updates) {
    count = updates;
  }

  private void requireUpdated() {
    if (count == 0) {
      throw new GradusException(
          "The average of weights has not been updated yet: call update after an optimizer step.");
    }
  }

  @Override
  public void close() {
    average.close();
  }
}
