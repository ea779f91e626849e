package gradus.data.transform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** {@link MixUp}, {@link CutMix}, and the distribution both draw from. */
class MixUpTest {
  private static final int N = 5;
  private static final int CLASSES = 3;
  private final SplittableRandom random = new SplittableRandom(4);

  /** Image i is filled with i, its label is i modulo 3. */
  private static Batch batch() {
    FloatBuffer images = FloatBuffer.allocate(N * 2 * 6 * 8);
    for (int i = 0; i < images.capacity(); i++) {
      images.put(i, (float) Math.floorDiv(i, 2 * 6 * 8));
    }
    FloatBuffer targets = FloatBuffer.allocate(N * CLASSES);
    int[] labels = new int[N];
    for (int i = 0; i < N; i++) {
      labels[i] = i % CLASSES;
      targets.put(i * CLASSES + labels[i], 1);
    }
    return new Batch(Shape.of(N, 2, 6, 8), images, IntBuffer.wrap(labels), targets);
  }

  private static int before(int i) {
    return (i + N - 1) % N;
  }

  @Test
  void mixUpMixesImagesAndTargetsAlike() {
    for (int draw = 0; draw < 20; draw++) {
      Batch batch = batch();
      new MixUp(0.4).apply(batch, random);
      float lambda = batch.images().get(2 * 6 * 8); // of images 1 and 0
      for (int i = 0; i < N; i++) {
        float mixed = lambda * i + (1 - lambda) * before(i);
        for (int k = 0; k < 2 * 6 * 8; k++) {
          assertEquals(mixed, batch.images().get(i * 2 * 6 * 8 + k), 1e-5f);
        }
        assertArrayEquals(expected(i, lambda), targets(batch, i), 1e-6f);
      }
    }
  }

  @Test
  void cutMixPastesOneRectangleAndCountsItsArea() {
    boolean partial = false;
    for (int draw = 0; draw < 50; draw++) {
      Batch batch = batch();
      new CutMix().apply(batch, random);
      int pasted = 0;
      for (int k = 0; k < 6 * 8; k++) {
        boolean here = batch.images().get(2 * 6 * 8 + k) == 0;
        pasted += here ? 1 : 0;
        for (int i = 0; i < N; i++) {
          for (int c = 0; c < 2; c++) {
            float value = batch.images().get((i * 2 + c) * 6 * 8 + k);
            assertEquals(here ? before(i) : i, value, "image " + i + ", pixel " + k);
          }
        }
      }
      partial |= pasted > 0 && pasted < 48;
      for (int i = 0; i < N; i++) {
        assertArrayEquals(expected(i, 1 - pasted / 48f), targets(batch, i), 1e-6f);
      }
    }
    assertTrue(partial);
  }

  private static float[] expected(int i, float lambda) {
    float[] expected = new float[CLASSES];
    expected[i % CLASSES] += lambda;
    expected[before(i) % CLASSES] += 1 - lambda;
    return expected;
  }

  private static float[] targets(Batch batch, int i) {
    float[] row = new float[CLASSES];
    batch.targets().get(i * CLASSES, row);
    return row;
  }

  @Test
  void betaHasItsMoments() {
    for (double alpha : new double[] {0.01, 0.2, 1, 3}) {
      int draws = 40_000;
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < draws; i++) {
        double x = BetaDistribution.symmetric(alpha, random);
        assertTrue(x >= 0 && x <= 1);
        sum += x;
        squares += (x - 0.5) * (x - 0.5);
      }
      // Variance 1 / (4 (2 alpha + 1)); the mean of that many has a five-sigma error of 0.0125.
      assertEquals(0.5, sum / draws, 0.0125);
      assertEquals(1 / (4 * (2 * alpha + 1)), squares / draws, 0.005, "alpha " + alpha);
    }
    assertThrows(GradusException.class, () -> new MixUp(0));
    assertThrows(GradusException.class, () -> new CutMix(-1));
    assertThrows(GradusException.class, () -> BatchTransform.oneOf());
  }

  @Test
  void oneOfChoosesForEachBatch() {
    int mixed = 0;
    BatchTransform either = BatchTransform.oneOf(new MixUp(), (batch, r) -> {});
    for (int i = 0; i < 200; i++) {
      Batch batch = batch();
      either.apply(batch, random);
      mixed += batch.images().get(0) == 0 ? 0 : 1;
    }
    assertEquals(100, mixed, 36, "five standard deviations");
  }
}
