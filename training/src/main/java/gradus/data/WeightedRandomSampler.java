package gradus.data;

import gradus.GradusException;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Draws samples with replacement, each with a chance proportional to its weight; {@code
 * WeightedRandomSampler} in PyTorch. For training data alone.
 */
public final class WeightedRandomSampler implements Sampler {
  /** Running totals of the weights. */
  private final double[] totals;

  private final int count;
  private final long seed;

  private WeightedRandomSampler(double[] totals, int count, long seed) {
    this.totals = totals;
    this.count = count;
    this.seed = seed;
  }

  /**
   * Draws {@code count} samples for each epoch.
   *
   * @param weights one for each sample of the data set, none negative, not all 0
   */
  public static WeightedRandomSampler of(double[] weights, int count, long seed) {
    double[] totals = new double[weights.length];
    double total = 0;
    for (int i = 0; i < weights.length; i++) {
      if (!(weights[i] >= 0) || Double.isInfinite(weights[i])) {
        throw new GradusException(
            "WeightedRandomSampler: weight "
                + i
                + " is "
                + weights[i]
                + ", but must be a number from 0.");
      }
      total += weights[i];
      totals[i] = total;
    }
    if (!(total > 0) || Double.isInfinite(total) || count < 1) {
      throw new GradusException(
          "WeightedRandomSampler: drawing "
              + count
              + " samples by weights of "
              + total
              + " in all: at least 1 sample and a weight above 0 are needed.");
    }
    return new WeightedRandomSampler(totals, count, seed);
  }

  /** Draws as many samples as the training split has, every class with the same chance. */
  public static WeightedRandomSampler balanced(Dataset train, long seed) {
    int[] counts = train.classCounts();
    double[] weights = new double[train.size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = 1.0 / counts[train.label(i)];
    }
    return of(weights, weights.length, seed);
  }

  @Override
  public int datasetSize() {
    return totals.length;
  }

  @Override
  public int[] order(int epoch) {
    SplittableRandom random = RandomStreams.ofEpoch(seed, epoch);
    double total = totals[totals.length - 1];
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = firstAbove(random.nextDouble() * total);
    }
    return order;
  }

  /** The first sample whose running total is above {@code target}: never one of weight 0. */
  private int firstAbove(double target) {
    int low = 0;
    int high = totals.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (totals[middle] > target) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    // Rounding may put the target on the last total; then take the last sample with a weight.
    return totals[low] > target ? low : lastWeighted();
  }

  private int lastWeighted() {
    int found = Arrays.binarySearch(totals, totals[totals.length - 1]);
    while (found > 0 && totals[found - 1] == totals[found]) {
      found--;
    }
    return found;
  }
}
