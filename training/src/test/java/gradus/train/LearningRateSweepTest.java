package gradus.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class LearningRateSweepTest {
  /** Ten points to a power of ten, from 1e-5. */
  private static LearningRateSweep sweep(int count, IntToDoubleFunction loss) {
    List<LearningRateSweep.Point> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      points.add(new LearningRateSweep.Point(Math.pow(10, i * 0.1 - 5), loss.applyAsDouble(i)));
    }
    return new LearningRateSweep(points, false);
  }

  /** A logistic curve, steepest at point 30, a rate of 1e-2. */
  private static double fall(int i) {
    return 2 / (1 + Math.exp((i - 30) * 0.5));
  }

  @Test
  void suggestsWhereTheLossFallsMostSteeply() {
    assertEquals(1e-2, sweep(60, LearningRateSweepTest::fall).suggestion().orElseThrow(), 1e-12);
  }

  @Test
  void noiseMovesItByLessThanHalfAPowerOfTen() {
    Random random = new Random(1);
    LearningRateSweep noisy = sweep(60, i -> fall(i) + 0.1 * random.nextGaussian());
    assertEquals(-2, Math.log10(noisy.suggestion().orElseThrow()), 0.5);
  }

  @Test
  void theFallAfterAnExplosionDoesNotCount() {
    LearningRateSweep sweep = sweep(70, i -> i == 50 ? 90 : i > 50 ? 20 - 0.1 * i : fall(i));
    assertEquals(1e-2, sweep.suggestion().orElseThrow(), 1e-12);
  }

  @Test
  void suggestsNothingWhereItFallsNowhere() {
    assertTrue(sweep(60, i -> 1 + i).suggestion().isEmpty());
    assertTrue(sweep(5, i -> 9 - i).suggestion().isEmpty(), "too short");
    assertTrue(sweep(0, i -> 1).suggestion().isEmpty());
  }

  @Test
  void smoothsOverHalfAPowerOfTenToEachSide() {
    LearningRateSweep sweep = sweep(40, i -> i * i);
    assertEquals(20 * 20 + 10, sweep.smoothedLoss(20), 1e-12); // the mean of k^2, -5 to 5, is 10
    assertEquals(55 / 6.0, sweep.smoothedLoss(0), 1e-12);
  }
}
