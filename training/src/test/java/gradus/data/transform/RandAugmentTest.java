package gradus.data.transform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.data.image.Image;
import gradus.data.image.PaddingMode;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The operations, and the two policies that choose among them. */
class RandAugmentTest {
  private static Image apply(AugmentOp op, double magnitude, Image image) {
    return op.apply(image, magnitude, Interpolation.NEAREST, 0);
  }

  private static int[] levels(AugmentOp op, double magnitude, Image image) {
    int[] levels = Pictures.levels(apply(op, magnitude, image));
    int[] ofFloats = Pictures.levels(apply(op, magnitude, Pictures.floats(image)));
    assertArrayEquals(levels, ofFloats, op + " of floats");
    return levels;
  }

  @Test
  void levelsByHand() {
    Image image = Pictures.gray(4, 3, 77, 128, 255);
    assertArrayEquals(new int[] {0, 64, 128, 240}, levels(AugmentOp.POSTERIZE, 4, image));
    assertArrayEquals(new int[] {3, 77, 128, 255}, levels(AugmentOp.POSTERIZE, 8, image));
    assertArrayEquals(new int[] {3, 77, 127, 0}, levels(AugmentOp.SOLARIZE, 100.5, image));
    Image dull = Pictures.gray(3, 50, 60, 100);
    assertArrayEquals(new int[] {0, 51, 255}, levels(AugmentOp.AUTO_CONTRAST, 0, dull));
    Image flat = Pictures.gray(2, 9, 9);
    assertArrayEquals(new int[] {9, 9}, levels(AugmentOp.AUTO_CONTRAST, 0, flat));
    assertArrayEquals(new int[] {9, 9}, levels(AugmentOp.EQUALIZE, 0, flat));
  }

  @Test
  void equalizeFlattensTheHistogram() {
    int[] levels = new int[600];
    Arrays.fill(levels, 0, 300, 10);
    Arrays.fill(levels, 300, 510, 20);
    Arrays.fill(levels, 510, 600, 30);
    int[] equal = levels(AugmentOp.EQUALIZE, 0, Pictures.gray(30, levels));
    // 510 below the largest: a step of 510 / 255 = 2; (0 + 1) / 2, (300 + 1) / 2, (510 + 1) / 2.
    assertEquals(0, equal[0]);
    assertEquals(150, equal[300]);
    assertEquals(255, equal[599]);
  }

  @Test
  void sharpnessKeepsTheBorder() {
    Image image = Pictures.gray(3, 10, 20, 30, 40, 180, 60, 70, 80, 90);
    // Smooth middle: (400 + 5 * 180) / 13 = 100; factor 0 gives it, factor 1.5 the opposite.
    int[] blurred = levels(AugmentOp.SHARPNESS, -1, image);
    assertArrayEquals(new int[] {10, 20, 30, 40, 100, 60, 70, 80, 90}, blurred);
    assertEquals(220, levels(AugmentOp.SHARPNESS, 0.5, image)[4]);
    Image narrow = Pictures.noise(1, 2, 9);
    assertSame(narrow, apply(AugmentOp.SHARPNESS, 0.5, narrow));
  }

  @Test
  void shiftsAndShears() {
    Image image = Pictures.noise(3, 5, 6);
    int[] shifted = Pictures.levels(image.window(0, -2, 5, 6, PaddingMode.CONSTANT, 0));
    assertArrayEquals(shifted, levels(AugmentOp.TRANSLATE_X, 2.9, image));
    shifted = Pictures.levels(image.window(1, 0, 5, 6, PaddingMode.CONSTANT, 0));
    assertArrayEquals(shifted, levels(AugmentOp.TRANSLATE_Y, -1.9, image));
    // Slope 1 about the upper left corner: the middle of row y moves y + 1/2 to the left; ties go
    // to the even pixel, so the shift is checked on a slope of 0.5: 0.25, 0.75, 1.25, ... pixels.
    int[] sheared = levels(AugmentOp.SHEAR_X, 0.5, image);
    for (int y = 0; y < 5; y++) {
      int by = (int) Math.rint(0.5 * (y + 0.5));
      for (int x = 0; x < 6; x++) {
        int expected = x + by < 6 ? image.level(1, y, x + by) : 0;
        assertEquals(expected, sheared[(5 + y) * 6 + x], "row " + y + ", column " + x);
      }
    }
    int[] quarter = Pictures.levels(apply(AugmentOp.ROTATE, 90, Pictures.gray(2, 1, 2, 3, 4)));
    assertArrayEquals(new int[] {2, 4, 1, 3}, quarter);
  }

  @Test
  void policiesAreFunctionsOfTheStreamAndKeepTheSize() {
    Image image = Pictures.noise(3, 12, 9);
    for (Transform policy :
        new Transform[] {new RandAugment(), new RandAugment(3, 30), new TrivialAugmentWide()}) {
      int changed = 0;
      for (int seed = 0; seed < 300; seed++) {
        Image result = policy.apply(image, new SplittableRandom(seed));
        Image again = policy.apply(image, new SplittableRandom(seed));
        assertEquals("3 x 12 x 9 bytes", result.toString());
        assertArrayEquals(Pictures.levels(result), Pictures.levels(again));
        changed += Arrays.equals(Pictures.levels(image), Pictures.levels(result)) ? 0 : 1;
      }
      // At least one kind in 14 changes nothing, at most a third of all draws do.
      assertTrue(changed > 200 && changed <= 300, policy + " changed " + changed + " of 300");
    }
    assertSame(image, new RandAugment(0, 9).apply(image, new SplittableRandom(1)));
    assertThrows(GradusException.class, () -> new RandAugment(2, 31));
  }
}
