package gradus.data.transform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.data.image.Image;
import gradus.data.image.PaddingMode;
import java.awt.geom.AffineTransform;
import java.awt.geom.NoninvertibleTransformException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Flips, crops and affine maps. */
class GeometryTest {
  private final SplittableRandom random = new SplittableRandom(11);

  private int[] levels(Transform transform, Image image) {
    int[] asBytes = Pictures.levels(transform.apply(image, new SplittableRandom(1)));
    Image floats = transform.apply(Pictures.floats(image), new SplittableRandom(1));
    assertTrue(!floats.isBytes(), "floats stay floats");
    assertArrayEquals(asBytes, Pictures.levels(floats), "floats and bytes agree");
    return asBytes;
  }

  @Test
  void flips() {
    Image image = Pictures.gray(3, 1, 2, 3, 4, 5, 6);
    assertArrayEquals(new int[] {3, 2, 1, 6, 5, 4}, levels(new RandomHorizontalFlip(1), image));
    assertArrayEquals(new int[] {4, 5, 6, 1, 2, 3}, levels(new RandomVerticalFlip(1), image));
    Image colors = Pictures.noise(3, 4, 5);
    assertEquals(colors.level(2, 1, 4), colors.flipHorizontal().level(2, 1, 0));
    assertEquals(colors.level(2, 1, 4), colors.flipVertical().level(2, 2, 4));
    assertSame(image, new RandomHorizontalFlip(0).apply(image, random));
    int flipped = 0;
    for (int i = 0; i < 10_000; i++) {
      flipped += new RandomHorizontalFlip().apply(image, random) == image ? 0 : 1;
    }
    assertEquals(5_000, flipped, 250, "five standard deviations of a fair coin");
    assertThrows(GradusException.class, () -> new RandomVerticalFlip(1.5));
  }

  @Test
  void paddingContinuesTheImage() {
    Image image = Pictures.gray(3, 1, 2, 3);
    int[] constant = {51, 51, 1, 2, 3, 51, 51, 51};
    assertArrayEquals(constant, window(image, PaddingMode.CONSTANT));
    assertArrayEquals(new int[] {1, 1, 1, 2, 3, 3, 3, 3}, window(image, PaddingMode.EDGE));
    assertArrayEquals(new int[] {3, 2, 1, 2, 3, 2, 1, 2}, window(image, PaddingMode.REFLECT));
    assertArrayEquals(new int[] {2, 1, 1, 2, 3, 3, 2, 1}, window(image, PaddingMode.SYMMETRIC));
  }

  private static int[] window(Image image, PaddingMode mode) {
    Image bytes = image.window(0, -2, 1, 8, mode, 0.2f);
    Image floats = Pictures.floats(image).window(0, -2, 1, 8, mode, 0.2f);
    assertArrayEquals(Pictures.levels(bytes), Pictures.levels(floats));
    Image turned = Image.ofBytes(1, 3, 1, new byte[] {1, 2, 3}).window(-2, 0, 8, 1, mode, 0.2f);
    assertArrayEquals(Pictures.levels(bytes), Pictures.levels(turned), "rows as columns");
    return Pictures.levels(bytes);
  }

  @Test
  void randomCropReachesEveryPlaceAndNoOther() {
    Image image = Pictures.noise(2, 4, 5);
    Set<String> possible = new HashSet<>();
    for (int top = -1; top <= 2; top++) {
      for (int left = -1; left <= 3; left++) {
        Image window = image.window(top, left, 3, 3, PaddingMode.REFLECT, 0);
        possible.add(Arrays.toString(Pictures.levels(window)));
      }
    }
    Set<String> seen = new HashSet<>();
    RandomCrop crop = new RandomCrop(3, 1, PaddingMode.REFLECT);
    for (int i = 0; i < 1_000; i++) {
      seen.add(Arrays.toString(Pictures.levels(crop.apply(image, random))));
    }
    assertEquals(possible, seen);
    String message =
        assertThrows(GradusException.class, () -> new RandomCrop(9, 1).apply(image, random))
            .getMessage();
    assertTrue(message.contains("9 x 9") && message.contains("4 x 5"), message);
  }

  @Test
  void resizedCropKeepsToItsLimits() {
    // Level = column + 16 * row, so that a result tells where it comes from.
    int[] levels = new int[256];
    Arrays.setAll(levels, i -> i);
    Image image = Pictures.gray(16, levels);
    RandomResizedCrop whole = new RandomResizedCrop(16).scale(1, 1).ratio(1, 1);
    assertArrayEquals(levels, levels(whole, image));
    RandomResizedCrop quarter = new RandomResizedCrop(8).scale(0.25, 0.25).ratio(1, 1);
    for (int i = 0; i < 100; i++) {
      Image part = quarter.apply(image, random);
      int first = part.level(0, 0, 0);
      assertEquals(first + 7 + 7 * 16, part.level(0, 7, 7), "an 8 x 8 part is not scaled");
    }
    // No part of the whole area is 10 times as wide as high: the middle rows with that ratio.
    RandomResizedCrop wide = new RandomResizedCrop(2, 16, 1, 1, 8, 8);
    int[] middle = Arrays.copyOfRange(levels, 7 * 16, 9 * 16);
    assertArrayEquals(middle, levels(wide, image));
    assertThrows(GradusException.class, () -> new RandomResizedCrop(8).scale(0, 1));
  }

  @Test
  void rotatesCounterClockwise() {
    Image image = Pictures.gray(2, 1, 2, 3, 4);
    RandomRotation quarter = new RandomRotation(90, 90, Interpolation.NEAREST, 0);
    assertArrayEquals(new int[] {2, 4, 1, 3}, levels(quarter, image));
    assertArrayEquals(
        new int[] {2, 4, 1, 3}, levels(quarter.interpolation(Interpolation.BILINEAR), image));
    // Half a turn of a 3 x 1 image; a quarter leaves only the middle in view.
    Image row = Pictures.gray(3, 1, 2, 3);
    RandomRotation half = new RandomRotation(180, 180, Interpolation.NEAREST, 0);
    assertArrayEquals(new int[] {3, 2, 1}, levels(half, row));
    RandomRotation filled = new RandomRotation(90, 90, Interpolation.NEAREST, 0.2f);
    assertArrayEquals(new int[] {51, 2, 51}, levels(filled, row));
  }

  @Test
  void theMapIsTheInverseOfShearRotateScaleTranslate() throws NoninvertibleTransformException {
    double[][] cases = {
      {0, 3, -2, 1, 0, 0, 0, 0},
      {30, 0, 0, 1, 0, 0, 0, 0},
      {-70, 1, 2, 1.7, 0, 0, 3, 4},
      {0, 0, 0, 1, 20, 0, -8, -8},
      {25, 5, -3, 0.6, 15, -10, 1, -2},
    };
    for (double[] c : cases) {
      double shearY = Math.tan(Math.toRadians(c[5]));
      AffineTransform forward = new AffineTransform();
      forward.translate(c[6] + c[1], c[7] + c[2]);
      forward.scale(c[3], c[3]);
      forward.rotate(Math.toRadians(c[0])); // y points down: clockwise
      // torchvision: RotateScaleShear = R * [1 0; -tan(sy) 1] * [1 -tan(sx); 0 1].
      forward.concatenate(new AffineTransform(1, -shearY, 0, 1, 0, 0));
      forward.concatenate(new AffineTransform(1, 0, -Math.tan(Math.toRadians(c[4])), 1, 0, 0));
      forward.translate(-c[6], -c[7]);
      AffineTransform inverse = forward.createInverse();
      AffineMap map = AffineMap.of(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]);
      double[] expected = {
        inverse.getScaleX(),
        inverse.getShearX(),
        inverse.getTranslateX(),
        inverse.getShearY(),
        inverse.getScaleY(),
        inverse.getTranslateY()
      };
      double[] actual = {map.xx(), map.xy(), map.x0(), map.yx(), map.yy(), map.y0()};
      assertArrayEquals(expected, actual, 1e-12, Arrays.toString(c));
    }
  }

  @Test
  void bilinearMixesWithTheFill() {
    Image image = Pictures.gray(3, 100, 200, 60);
    AffineMap halfPixel = AffineMap.of(0, 0.5, 0, 1, 0, 0, 0, 0);
    int[] shifted = Pictures.levels(halfPixel.apply(image, Interpolation.BILINEAR, 0));
    assertArrayEquals(new int[] {50, 150, 130}, shifted);
    AffineMap twice = AffineMap.of(0, 0, 0, 3, 0, 0, 0, 0);
    // Three times as large about the middle: thirds of a pixel to either side.
    int[] enlarged = Pictures.levels(twice.apply(image, Interpolation.BILINEAR, 0));
    assertArrayEquals(new int[] {167, 200, 153}, enlarged);
  }

  @Test
  void randomAffineShiftsByWholePixelsWithinItsShare() {
    Image image = Pictures.noise(1, 6, 10);
    Set<String> possible = new HashSet<>();
    for (int y = -1; y <= 1; y++) {
      for (int x = -2; x <= 2; x++) {
        Image window = image.window(y, x, 6, 10, PaddingMode.CONSTANT, 0);
        possible.add(Arrays.toString(Pictures.levels(window)));
      }
    }
    RandomAffine shift = new RandomAffine(0).translate(0.2, 0.2);
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 2_000; i++) {
      seen.add(Arrays.toString(Pictures.levels(shift.apply(image, random))));
    }
    assertEquals(possible, seen);
    int[] halved =
        levels(new RandomAffine(0).scale(0.5, 0.5).fill(1), Pictures.gray(4, 9, 8, 7, 6));
    assertEquals(255, halved[0]);
    assertEquals(255, halved[3]);
    assertThrows(GradusException.class, () -> shift.shear(90));
    assertThrows(GradusException.class, () -> shift.translate(2, 0));
    assertThrows(GradusException.class, () -> new RandomAffine(-1));
  }
}
