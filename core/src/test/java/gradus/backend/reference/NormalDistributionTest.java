package gradus.backend.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class NormalDistributionTest {
  private static final double[][] KNOWN = {
    {-8.0, 6.220960574271819e-16},
    {-5.0, 2.866515718791946e-07},
    {-3.5, 0.00023262907903552504},
    {-3.0, 0.0013498980316300957},
    {-2.999, 0.0013543365337271066},
    {-1.5, 0.06680720126885809},
    {-0.1, 0.460172162722971},
    {0.0, 0.5},
    {1e-09, 0.5000000003989423},
    {0.5, 0.6914624612740131},
    {1.0, 0.8413447460685429},
    {2.0, 0.9772498680518208},
    {2.999, 0.9986456634662729},
    {3.0, 0.9986501019683699},
    {4.0, 0.9999683287581669},
    {6.0, 0.9999999990134123},
    {9.0, 1.0}
  };

  /** Phi(x) = erfc(-x / sqrt 2) / 2, from Python: {@code 0.5 * math.erfc(-x / math.sqrt(2))}. */
  @Test
  void agreesWithTheComplementaryErrorFunction() {
    for (double[] pair : KNOWN) {
      assertEquals(pair[1], NormalDistribution.cumulative(pair[0]), 1e-13 * pair[1] + 3e-16);
    }
  }

  @Test
  void isContinuousWhereTheFormulaChanges() {
    double below = NormalDistribution.cumulative(Math.nextDown(3.0));
    double above = NormalDistribution.cumulative(3.0);
    assertEquals(below, above, 4e-16);
  }

  @Test
  void handlesTheEnds() {
    assertEquals(1, NormalDistribution.cumulative(Double.POSITIVE_INFINITY));
    assertEquals(0, NormalDistribution.cumulative(Double.NEGATIVE_INFINITY));
    assertEquals(Double.NaN, NormalDistribution.cumulative(Double.NaN));
    assertEquals(1, NormalDistribution.cumulative(1e30));
    assertEquals(0, NormalDistribution.cumulative(-1e30));
  }
}
