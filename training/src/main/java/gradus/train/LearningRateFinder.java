package gradus.train;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.optim.Optimizer;
import gradus.tensor.Batch;
import java.util.ArrayList;
import java.util.List;

/**
 * The learning rate range test of Smith (2015): trains for at most an epoch while the rate grows
 * from batch to batch by a constant factor, and watches the loss. Afterwards model and optimizer
 * are what they were before, to the bit. To be run before training.
 *
 * <pre>{@code
 * LearningRateSweep sweep = new LearningRateFinder(model, loss, optimizer).run(trainLoader);
 * sweep.suggestion().ifPresent(optimizer::setLearningRate);
 * }</pre>
 *
 * <p>Defaults: from 1e-5 to 10 in 100 batches. It ends early when the average loss of the last ten
 * batches or so is more than four times its lowest value, or no number.
 */
public final class LearningRateFinder {
  private static final double SMOOTHING = 0.9;
  private static final double DIVERGED = 4;

  private final Model model;
  private final Loss loss;
  private final Optimizer optimizer;
  private double lowest = 1e-5;
  private double highest = 10;
  private int batches = 100;
  private long seed;

  /** A sweep of the rate of {@code optimizer}. */
  public LearningRateFinder(Model model, Loss loss, Optimizer optimizer) {
    this.model = model;
    this.loss = loss;
    this.optimizer = optimizer;
  }

  /**
   * The first and the last rate.
   *
   * @throws GradusException unless {@code 0 < from < to}
   */
  public LearningRateFinder range(double from, double to) {
    if (!(from > 0 && to > from) || Double.isInfinite(to)) {
      throw new GradusException(
          "A sweep of the learning rate from "
              + from
              + " to "
              + to
              + " is impossible: it needs two positive numbers, the smaller first; usual are 1e-5"
              + " and 10.");
    }
    lowest = from;
    highest = to;
    return this;
  }

  /**
   * Over how many batches the rate grows.
   *
   * @throws GradusException if below {@value LearningRateSweep#FEWEST}
   */
  public LearningRateFinder batches(int count) {
    requireEnough(count, "are asked for");
    batches = count;
    return this;
  }

  /** The seed of dropout during the sweep. Default 0. */
  public LearningRateFinder seed(long value) {
    seed = value;
    return this;
  }

  /**
   * Sweeps.
   *
   * @throws GradusException if an epoch of the loader has too few batches to tell anything
   */
  public LearningRateSweep run(DataLoader train) {
    try (Epoch epoch = train.epoch(0);
        TrainingSnapshot before = new TrainingSnapshot(model, optimizer)) {
      requireEnough(epoch.batches(), "are in an epoch");
      try {
        return sweep(epoch, Math.min(batches, epoch.batches()));
      } finally {
        before.restore();
      }
    }
  }

  private LearningRateSweep sweep(Epoch epoch, int count) {
    List<LearningRateSweep.Point> points = new ArrayList<>();
    double average = 0;
    double best = Double.POSITIVE_INFINITY;
    for (Batch batch : epoch) {
      int done = points.size();
      double rate = lowest * Math.pow(highest / lowest, (double) done / (count - 1));
      optimizer.setLearningRate(rate);
      double value = step(batch, done);
      average = SMOOTHING * average + (1 - SMOOTHING) * value;
      double smoothed = average / (1 - Math.pow(SMOOTHING, done + 1.0));
      if (!Double.isFinite(smoothed) || smoothed > DIVERGED * best) {
        return new LearningRateSweep(points, true);
      }
      best = Math.min(best, smoothed);
      points.add(new LearningRateSweep.Point(rate, value));
      if (points.size() == count) {
        break;
      }
    }
    return new LearningRateSweep(points, false);
  }

  /** Learns from a batch, unless its loss is no number; returns the loss. */
  private double step(Batch batch, int number) {
    try (Pass pass = Pass.training(model.backend(), seed * 1_000_003L + number)) {
      Tensor logits = model.forward(pass.images(batch));
      Tensor target = batch.targets() == null ? pass.labels(batch) : pass.targets(batch);
      Tensor value = loss.apply(logits, target);
      float lossValue = value.item();
      if (Float.isFinite(lossValue)) {
        pass.backward(value);
        optimizer.step();
      }
      return lossValue;
    }
  }

  private static void requireEnough(int count, String what) {
    if (count < LearningRateSweep.FEWEST) {
      throw new GradusException(
          "A sweep of the learning rate needs at least "
              + LearningRateSweep.FEWEST
              + " batches, but "
              + count
              + " "
              + what
              + ": use more images or smaller batches.");
    }
  }
}
