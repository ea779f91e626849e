package gradus.train;

import gradus.GradusException;
import gradus.data.DataLoader;
import gradus.data.Epoch;
import gradus.layer.Model;
import gradus.loss.Loss;
import gradus.optim.Optimizer;
import gradus.tensor.Batch;
import gradus.tensor.Precision;
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
 * <p>Defaults: from 1e-5 to 10 in 100 steps, in float32. It ends early when the average loss of the
 * last ten steps or so is more than four times its lowest value, or no number. Steps are computed
 * as {@link Trainer}'s: give it the precision and the accumulation of the run, which both change
 * which rates are good.
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
  private int accumulation = 1;
  private Precision precision = Precision.FP32;

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
   * Over how many steps the rate grows; each takes a batch, but for {@link #accumulate}.
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

  /** Computes steps in that precision, as {@link Trainer#precision}. Default float32. */
  public LearningRateFinder precision(Precision value) {
    precision = value;
    return this;
  }

  /** Makes each step of the mean gradient over so many batches, as {@link Trainer#accumulate}. */
  public LearningRateFinder accumulate(int count) {
    accumulation = count;
    return this;
  }

  /**
   * Sweeps.
   *
   * @throws GradusException if an epoch of the loader has too few batches to tell anything
   */
  public LearningRateSweep run(DataLoader train) {
    TrainingStep step = new TrainingStep(model, loss, optimizer);
    step.seed(seed);
    step.accumulate(accumulation);
    step.precision(precision);
    try (Epoch epoch = train.epoch(0);
        TrainingSnapshot before = new TrainingSnapshot(model, optimizer)) {
      int most = epoch.batches() / accumulation;
      requireEnough(most, accumulation == 1 ? "are in an epoch" : "updates are in an epoch");
      try {
        return sweep(step, epoch, Math.min(batches, most), train.batchSize());
      } finally {
        before.restore();
      }
    }
  }

  private LearningRateSweep sweep(TrainingStep step, Epoch epoch, int count, int usualSize) {
    List<LearningRateSweep.Point> points = new ArrayList<>();
    double average = 0;
    double best = Double.POSITIVE_INFINITY;
    int done = 0; // batches
    double sum = 0; // of their losses since the last update
    for (Batch batch : epoch) {
      double rate = lowest * Math.pow(highest / lowest, (double) points.size() / (count - 1));
      optimizer.setLearningRate(rate);
      // A loss that is no number does not reach the weights.
      sum += step.run(batch, 1, ++done, count * accumulation, usualSize).loss();
      if (done % accumulation != 0) {
        continue;
      }
      double value = sum / accumulation;
      sum = 0;
      average = SMOOTHING * average + (1 - SMOOTHING) * value;
      double smoothed = average / (1 - Math.pow(SMOOTHING, points.size() + 1.0));
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
