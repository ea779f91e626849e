package gradus.backend.tck;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ToleranceTest {
  @Test
  void exactMeansEqual() {
    assertTrue(Tolerance.EXACT.accepts(1, 1, 1));
    assertFalse(Tolerance.EXACT.accepts(1, Math.nextUp(1f), 1));
  }

  @Test
  void whatIsNotFiniteMustAgree() {
    Tolerance loose = Tolerance.relative(1);
    assertTrue(loose.accepts(Float.NaN, Float.NaN, 1));
    assertFalse(loose.accepts(Float.NaN, 1, 1));
    assertFalse(loose.accepts(1, Float.NaN, 1));
    assertTrue(loose.accepts(Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY, 1));
    assertFalse(loose.accepts(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1));
    assertFalse(loose.accepts(1, Float.POSITIVE_INFINITY, 1));
  }

  @Test
  void aSumMayBeOffByTheRootOfItsLengthTimesItsMagnitude() {
    Tolerance hundred = Tolerance.sum(100);
    float ulp = Math.ulp(1f);
    assertTrue(hundred.accepts(0, 39 * ulp, 1)); // cancelled to nothing: the magnitude counts
    assertFalse(hundred.accepts(0, 41 * ulp, 1));
    assertTrue(hundred.accepts(0, 70 * ulp, 2));
  }

  @Test
  void roundingsCountFromTheFloor() {
    Tolerance eight = Tolerance.roundings(8);
    float ulp = Math.ulp(1f);
    assertTrue(eight.accepts(1e-6f, 1e-6f + 7 * ulp, 0));
    assertFalse(eight.accepts(1, 1 + 9 * ulp, 0));
    assertTrue(eight.accepts(16, 16 + 100 * ulp, 0));
  }

  @Test
  void aPackedResultMayBeOffByItsLastPlace() {
    Tolerance bfloat16 = Tolerance.roundings(0).packed();
    Tolerance float16 = bfloat16.inFloat16();
    assertTrue(bfloat16.accepts(2, 2 + 0x1p-6f, 0));
    assertTrue(float16.accepts(2, 2 + 0x1p-9f, 0));
    assertFalse(float16.accepts(2, 2 + 0x1.1p-9f, 0));
    Tolerance small = Tolerance.EXACT.packed().inFloat16();
    assertTrue(small.accepts(0x1p-20f, 0x1.1p-20f, 0), "the least step of float16");
    assertFalse(small.accepts(0x1p-20f, 0x1.2p-20f, 0));
    assertSame(Tolerance.EXACT, Tolerance.EXACT.inFloat16(), "of results in float32");
  }
}
