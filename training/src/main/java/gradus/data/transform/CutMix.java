package gradus.data.transform;

import gradus.tensor.Batch;
import java.nio.FloatBuffer;
import java.util.random.RandomGenerator;

/**
 * Pastes into every image of a batch a rectangle of the one before it (the first: of the last).
 * Targets are mixed by the share of the area. The rectangle is the same in the whole batch: of
 * share {@code 1 - lambda}, lambda drawn from Beta(alpha, alpha), its middle anywhere, cut at the
 * border. PyTorch's; shuffle the samples. Needs a loss that takes probabilities.
 *
 * <p>Yun and others, arXiv:1905.04899.
 *
 * @param alpha above 0; 1 by default
 */
public record CutMix(double alpha) implements BatchTransform {
  /** Checks alpha. */
  public CutMix {
    Settings.range("CutMix", "alpha", alpha, alpha, 1e-3, 1e3);
  }

  /** Alpha 1: every share has the same chance. */
  public CutMix() {
    this(1);
  }

  @Override
  public void apply(Batch batch, RandomGenerator random) {
    int height = batch.shape().dim(2);
    int width = batch.shape().dim(3);
    double lambda = BetaDistribution.symmetric(alpha, random);
    int middleX = random.nextInt(width);
    int middleY = random.nextInt(height);
    double half = 0.5 * Math.sqrt(1 - lambda);
    int halfWidth = (int) (half * width);
    int halfHeight = (int) (half * height);
    int left = Math.max(0, middleX - halfWidth);
    int top = Math.max(0, middleY - halfHeight);
    int right = Math.min(width, middleX + halfWidth);
    int bottom = Math.min(height, middleY + halfHeight);
    paste(batch, top, left, bottom, right);
    int n = batch.size();
    float kept = 1 - (float) ((right - left) * (bottom - top)) / (width * height);
    MixUp.mix(batch.targets(), n, batch.targets().capacity() / n, kept);
  }

  private static void paste(Batch batch, int top, int left, int bottom, int right) {
    FloatBuffer images = batch.images();
    int channels = batch.shape().dim(1);
    int height = batch.shape().dim(2);
    int width = batch.shape().dim(3);
    int size = channels * height * width;
    float[] first = new float[right - left];
    float[] row = new float[right - left];
    for (int c = 0; c < channels; c++) {
      for (int y = top; y < bottom; y++) {
        int at = (c * height + y) * width + left;
        images.get((batch.size() - 1) * size + at, first);
        for (int i = batch.size() - 1; i > 0; i--) {
          images.get((i - 1) * size + at, row);
          images.put(i * size + at, row);
        }
        images.put(at, first);
      }
    }
  }
}
