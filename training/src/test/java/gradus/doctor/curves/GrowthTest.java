package gradus.doctor.curves;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.doctor.curves.CurveReaderTest.Noise;
import org.junit.jupiter.api.Test;

class GrowthTest {
  private static final double[] X = {0, 1, 2, 3, 4, 5};

  @Test
  void aLineIsCertainAndAFallIsNoGrowth() {
    Growth growth = Growth.of(X, new double[] {1, 3, 5, 7, 9, 11});
    assertEquals(2, growth.slope(), 1e-12);
    assertTrue(growth.certain());
    assertFalse(Growth.of(X, new double[] {11, 9, 7, 5, 3, 1}).certain());
    assertFalse(Growth.of(X, new double[] {1, 1, 1, 1, 1, 1}).certain(), "no growth");
  }

  /** Pure noise seems to grow in about one of a thousand cases, however few the points. */
  @Test
  void noiseIsHardlyEverTakenForGrowth() {
    for (int points = 3; points <= 20; points++) {
      double[] x = new double[points];
      double[] y = new double[points];
      int certain = 0;
      for (int seed = 0; seed < 2000; seed++) {
        Noise noise = new Noise(seed);
        for (int i = 0; i < points; i++) {
          x[i] = i;
          y[i] = noise.normal(i);
        }
        certain += Growth.of(x, y).certain() ? 1 : 0;
      }
      assertTrue(certain <= 10, points + " points: " + certain + " of 2000");
    }
  }
}
