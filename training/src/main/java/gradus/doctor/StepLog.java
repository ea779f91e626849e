package gradus.doctor;

import java.util.ArrayList;
import java.util.List;

/**
 * Loss, accuracy and learning rate of every step, in constant memory: the first steps are kept one
 * by one, and once there are too many, neighbours are averaged.
 */
public final class StepLog {
  private static final int CAPACITY = 4096;

  private final float[] loss = new float[CAPACITY];
  private final float[] accuracy = new float[CAPACITY];
  private final float[] rate = new float[CAPACITY];
  private int stride = 1;
  private int filled; // buckets that are full
  private int inBucket;
  private double lossSum;
  private double accuracySum;
  private long steps;
  private double smoothing;
  private double average = Double.NaN;
  private double best = Double.POSITIVE_INFINITY;
  private double peakRate;

  /**
   * Begins anew.
   *
   * @param halfLife of the moving average, in steps
   */
  public void start(int halfLife) {
    stride = 1;
    filled = 0;
    inBucket = 0;
    lossSum = 0;
    accuracySum = 0;
    steps = 0;
    average = Double.NaN;
    best = Double.POSITIVE_INFINITY;
    peakRate = 0;
    smoothing = 1 - Math.pow(0.5, 1.0 / halfLife);
  }

  /** Earlier steps, which are not in it, had rates up to this. */
  void goesOnFrom(double highestRate) {
    peakRate = Math.max(peakRate, highestRate);
  }

  /** A step is done. */
  public void add(double stepLoss, double stepAccuracy, double learningRate) {
    steps++;
    lossSum += stepLoss;
    accuracySum += stepAccuracy;
    rate[filled] = (float) learningRate;
    peakRate = Math.max(peakRate, learningRate);
    if (Double.isFinite(stepLoss)) {
      average = Double.isNaN(average) ? stepLoss : average + smoothing * (stepLoss - average);
      if (smoothing * steps > 1) { // before that the first batches alone decide
        best = Math.min(best, average);
      }
    }
    if (++inBucket == stride) {
      loss[filled] = (float) (lossSum / stride);
      accuracy[filled] = (float) (accuracySum / stride);
      lossSum = 0;
      accuracySum = 0;
      inBucket = 0;
      if (++filled == CAPACITY) {
        halve();
      }
    }
  }

  private void halve() {
    for (int i = 0; i < CAPACITY / 2; i++) {
      loss[i] = (loss[2 * i] + loss[2 * i + 1]) / 2;
      accuracy[i] = (accuracy[2 * i] + accuracy[2 * i + 1]) / 2;
      rate[i] = rate[2 * i + 1];
    }
    filled = CAPACITY / 2;
    stride *= 2;
  }

  /** Steps so far. */
  public long steps() {
    return steps;
  }

  /** How many numbers are kept of each kind. */
  public int size() {
    return filled;
  }

  /** The last step that went into number {@code i}. */
  public long stepOf(int i) {
    return (long) (i + 1) * stride;
  }

  /** Of the training batches, as the run measures it. */
  public double loss(int i) {
    return loss[i];
  }

  /** Of the training batches. */
  public double accuracy(int i) {
    return accuracy[i];
  }

  /** Of the optimizer. */
  public double learningRate(int i) {
    return rate[i];
  }

  /** Of the optimizer in a step, from 1; in long runs, of a step near it. */
  public double rateAt(long step) {
    return rate[(int) Math.max(0, Math.min(filled - 1, (step - 1) / stride))];
  }

  /** The moving average of the loss; NaN before the first step. */
  public double average() {
    return average;
  }

  /** The lowest moving average so far. */
  public double lowestAverage() {
    return best;
  }

  /** The highest learning rate of the run so far. */
  public double peakRate() {
    return peakRate;
  }

  /** For how many steps, to the last, the rate has been below a share of the highest. */
  public long latestBelow(double share) {
    int i = filled;
    while (i > 0 && rate[i - 1] < share * peakRate) {
      i--;
    }
    return (long) (filled - i) * stride;
  }

  /** The mean loss of the last {@code share} of all steps. */
  public double meanOfLast(double share) {
    int from = Math.min(filled - 1, (int) Math.ceil(filled * (1 - share)));
    double sum = 0;
    for (int i = Math.max(0, from); i < filled; i++) {
      sum += loss[i];
    }
    return filled == 0 ? Double.NaN : sum / (filled - Math.max(0, from));
  }

  /** The losses as a line, thinned to at most 400 points by averaging. */
  public Evidence.Line lossLine(String name) {
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    int width = (filled + 399) / 400;
    for (int i = 0; width > 0 && i < filled; i += width) {
      int end = Math.min(filled, i + width);
      double sum = 0;
      for (int k = i; k < end; k++) {
        sum += loss[k];
      }
      if (Double.isFinite(sum)) {
        x.add((double) stepOf(end - 1));
        y.add(sum / (end - i));
      }
    }
    return new Evidence.Line(name, x, y);
  }
}
