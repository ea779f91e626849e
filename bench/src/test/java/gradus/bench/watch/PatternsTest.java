package gradus.bench.watch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import gradus.tensor.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PatternsTest {
  private static final Patterns PATTERNS = new Patterns(Shape.of(1, 4, 4), 1_000_000, 1);

  @Test
  void afterManyTheyComeAgain() {
    assertEquals(1_000_000, PATTERNS.size());
    assertArrayEquals(pixels(7), pixels(Patterns.DIFFERENT + 7));
    assertEquals(PATTERNS.label(7), PATTERNS.label(Patterns.DIFFERENT + 7));
  }

  @Test
  void thoseOfAClassDiffer() {
    assertEquals(PATTERNS.label(7), PATTERNS.label(17));
    assertFalse(Arrays.equals(pixels(7), pixels(17)));
  }

  private static float[] pixels(int index) {
    float[] pixels = new float[16];
    PATTERNS.get(index).image().writeTo(pixels, 0);
    return pixels;
  }
}
