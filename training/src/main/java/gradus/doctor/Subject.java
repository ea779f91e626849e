package gradus.doctor;

import gradus.data.DataLoader;
import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.optim.Optimizer;

/**
 * What is examined: all that a run is made of.
 *
 * @param train what it trains on; the doctor reads it through loaders of its own
 * @param validation what it is judged on, or null
 * @param epochs planned
 */
public record Subject(
    Model model,
    Loss loss,
    Optimizer optimizer,
    DataLoader train,
    DataLoader validation,
    int epochs,
    long seed) {
  /** The number of classes of the data. */
  public int classes() {
    return train.dataset().classNames().size();
  }
}
