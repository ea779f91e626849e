package gradus.backend.tck;

import java.util.SplittableRandom;

/**
 * Seeded test data on a grid: multiples of {@code step} from -range to range. On a fine grid the
 * values are as good as any; on a coarse one sums of products are exact in float32, so that ties
 * are ties on every backend.
 */
public final class RandomTensors {
  private static final float FINE_STEP = 0x1p-20f;
  private static final float COARSE_STEP = 0.25f;

  private final SplittableRandom random;
  private float step = FINE_STEP;

  /** Data that depends on the seed alone. */
  public RandomTensors(long seed) {
    random = new SplittableRandom(seed);
  }

  /** From here on, quarters: sums of fewer than a million products of two are exact. */
  public void useQuarters() {
    step = COARSE_STEP;
  }

  /** Values from -1 to 1. */
  public float[] uniform(long count) {
    return uniform(count, -1, 1);
  }

  /** Values from low to high, both multiples of a quarter. */
  public float[] uniform(long count, float low, float high) {
    int steps = Math.round((high - low) / step);
    float[] values = new float[Math.toIntExact(count)];
    for (int i = 0; i < values.length; i++) {
      values[i] = low + step * random.nextInt(steps + 1);
    }
    return values;
  }

  /** Class numbers below {@code classes}. */
  public int[] labels(int count, int classes) {
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = random.nextInt(classes);
    }
    return labels;
  }

  /** Rows of non-negative numbers that sum to 1. */
  public float[] distributions(int rows, int classes) {
    float[] values = new float[rows * classes];
    for (int row = 0; row < rows; row++) {
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        values[row * classes + c] = random.nextInt(1, 1000);
        sum += values[row * classes + c];
      }
      for (int c = 0; c < classes; c++) {
        values[row * classes + c] /= (float) sum;
      }
    }
    return values;
  }
}
