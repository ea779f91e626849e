package gradus.doctor;

import gradus.data.DataLoader;
import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.optim.Optimizer;
import gradus.train.Accumulation;

/**
 * What is examined: all that a run is made of.
 *
 * @param train what it trains on; the doctor reads it through loaders of its own
 * @param validation what it is judged on, or null
 * @param epochs planned
 * @param accumulation how many batches make an update; never more than an epoch has
 */
public record Subject(
    Model model,
    Loss loss,
    Optimizer optimizer,
    DataLoader train,
    DataLoader validation,
    int epochs,
    long seed,
    Accumulation accumulation) {
  /** With no more than the batches of an epoch in an update. */
  public Subject {
    if (accumulation.batches() > 1) {
      accumulation = accumulation.within(train.batches());
    }
  }

  /** A run that makes an update after every batch. */
  public Subject(
      Model model,
      Loss loss,
      Optimizer optimizer,
      DataLoader train,
      DataLoader validation,
      int epochs,
      long seed) {
    this(model, loss, optimizer, train, validation, epochs, seed, Accumulation.NONE);
  }

  /** The number of classes of the data. */
  public int classes() {
    return train.dataset().classNames().size();
  }

  /** Images that an update sees: those of all the batches it is made of. */
  public int imagesPerUpdate() {
    return Math.toIntExact(accumulation.images(train.batchSize()));
  }
}
