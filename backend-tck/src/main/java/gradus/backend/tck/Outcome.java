package gradus.backend.tck;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a case wrote: values by name, in logical row-major order. */
final class Outcome {
  private final Map<String, float[]> floats = new LinkedHashMap<>();
  private final Map<String, int[]> integers = new LinkedHashMap<>();

  void add(String name, float[] values) {
    floats.put(name, values);
  }

  void add(String name, int[] values) {
    integers.put(name, values);
  }

  /** Throws unless {@code actual} is near this; {@code magnitudes} may be null. */
  void assertNear(Outcome actual, Outcome magnitudes, Tolerance tolerance) {
    if (floats.isEmpty() && integers.isEmpty()) {
      throw new AssertionError("The case names no result, so it proves nothing.");
    }
    floats.forEach(
        (name, expected) ->
            assertNear(
                name,
                expected,
                actual.floats.get(name),
                magnitudes == null ? expected : magnitudes.floats.get(name),
                tolerance));
    integers.forEach((name, expected) -> assertSame(name, expected, actual.integers.get(name)));
  }

  private static void assertNear(
      String name, float[] expected, float[] actual, float[] magnitude, Tolerance tolerance) {
    int wrong = 0;
    int worst = -1;
    double worstRatio = -1;
    for (int i = 0; i < expected.length; i++) {
      if (!tolerance.accepts(expected[i], actual[i], magnitude[i])) {
        wrong++;
        double ratio =
            Math.abs((double) expected[i] - actual[i])
                / tolerance.allowed(expected[i], magnitude[i]);
        if (Double.isNaN(ratio) || ratio > worstRatio) {
          worst = i;
          worstRatio = Double.isNaN(ratio) ? Double.POSITIVE_INFINITY : ratio;
        }
      }
    }
    if (wrong > 0) {
      throw new AssertionError(
          String.format(
              "%s: %d of %d values are off, the worst at %d: expected %s, but was %s (allowed difference %.3g)",
              name,
              wrong,
              expected.length,
              worst,
              expected[worst],
              actual[worst],
              tolerance.allowed(expected[worst], magnitude[worst])));
    }
  }

  private static void assertSame(String name, int[] expected, int[] actual) {
    int at = Arrays.mismatch(expected, actual);
    if (at >= 0) {
      throw new AssertionError(
          name + "[" + at + "]: expected " + expected[at] + ", but was " + actual[at]);
    }
  }

  /** Throws unless every bit is the same; any NaN equals any other. */
  void assertSameBits(Outcome other, String when) {
    floats.forEach(
        (name, values) -> {
          float[] others = other.floats.get(name);
          int at = Arrays.mismatch(values, others);
          if (at >= 0) {
            throw new AssertionError(
                String.format("%s[%d] was %s, but %s %s", name, at, values[at], when, others[at]));
          }
        });
    integers.forEach(
        (name, values) -> assertSame(name + " " + when, values, other.integers.get(name)));
  }
}
