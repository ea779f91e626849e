package gradus.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TrendTest {
  @Test
  void aLineHasNoResidual() {
    Trend trend = Trend.of(1, 3, 5, 7);
    assertEquals(2, trend.slope(), 1e-12);
    assertEquals(0, trend.residual(), 1e-12);
  }

  /** The textbook example: y = 3.5 + 1.4 x, residuals 1.1, -1.3, -0.7, 0.9. */
  @Test
  void leastSquares() {
    Trend trend = Trend.of(new double[] {1, 2, 3, 4}, new double[] {6, 5, 7, 10});
    assertEquals(1.4, trend.slope(), 1e-12);
    assertEquals(Math.sqrt(4.2 / 4), trend.residual(), 1e-12);
  }

  @Test
  void oneValueHasNoSlope() {
    assertEquals(0, Trend.of(5).slope());
  }
}
