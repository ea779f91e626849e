package gradus.data.transform;

import gradus.tensor.Batch;
import java.nio.FloatBuffer;
import java.util.random.RandomGenerator;

/**
 * Mixes every image of a batch with the one before it (the first with the last), and their targets
 * alike: {@code lambda * x[i] + (1 - lambda) * x[i-1]}, lambda drawn once for the batch from
 * Beta(alpha, alpha). PyTorch's; shuffle the samples. Needs a loss that takes probabilities, such
 * as {@link gradus.loss.CrossEntropyLoss}.
 *
 * <p>Zhang and others, arXiv:1710.09412.
 *
 * @param alpha above 0; 1 by default, and 0.2 is usual for ImageNet
 */
public record MixUp(double alpha) implements BatchTransform {
  /** Checks alpha. */
  public MixUp {
    Settings.range("MixUp", "alpha", alpha, alpha, 1e-3, 1e3);
  }

  /** Alpha 1: every mixture has the same chance. */
  public MixUp() {
    this(1);
  }

  @Override
  public void apply(Batch batch, RandomGenerator random) {
    float lambda = (float) BetaDistribution.symmetric(alpha, random);
    int n = batch.size();
    mix(batch.images(), n, Math.toIntExact(batch.shape().size() / n), lambda);
    mix(batch.targets(), n, batch.targets().capacity() / n, lambda);
  }

  /** {@code row[i] = lambda * row[i] + (1 - lambda) * row[i-1]} of the rows as they were. */
  static void mix(FloatBuffer rows, int n, int size, float lambda) {
    float[] last = new float[size];
    float[] row = new float[size];
    float[] before = new float[size];
    rows.get((n - 1) * size, last);
    System.arraycopy(last, 0, row, 0, size);
    // From the end, so that the row before is still as it was.
    for (int i = n - 1; i >= 0; i--) {
      if (i == 0) {
        System.arraycopy(last, 0, before, 0, size);
      } else {
        rows.get((i - 1) * size, before);
      }
      for (int k = 0; k < size; k++) {
        row[k] = lambda * row[k] + (1 - lambda) * before[k];
      }
      rows.put(i * size, row);
      float[] swap = row;
      row = before;
      before = swap;
    }
  }
}
