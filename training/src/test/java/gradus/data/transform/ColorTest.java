package gradus.data.transform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.data.image.Image;
import java.awt.Color;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Changes of colour, noise, blur and what paints over. */
class ColorTest {
  private final SplittableRandom random = new SplittableRandom(5);

  private static int[] changed(Image image, Consumer<Canvas> change) {
    Canvas canvas = Canvas.copyOf(image);
    change.accept(canvas);
    return Pictures.levels(canvas.image());
  }

  @Test
  void brightnessContrastSaturation() {
    Image image = Pictures.gray(4, 0, 50, 100, 250);
    assertArrayEquals(
        new int[] {0, 75, 150, 255}, changed(image, c -> ColorChange.brightness(c, 1.5f)));
    // The mean is 100.
    assertArrayEquals(
        new int[] {50, 75, 100, 175}, changed(image, c -> ColorChange.contrast(c, 0.5f)));
    assertArrayEquals(new int[] {0, 0, 100, 255}, changed(image, c -> ColorChange.contrast(c, 2f)));
    assertArrayEquals(
        new int[] {0, 50, 100, 250}, changed(image, c -> ColorChange.saturation(c, 0f)));
    // Grey of (200, 100, 50): 59.78 + 58.7 + 5.7 = 124.18.
    Image color = Pictures.rgb(200, 100, 50);
    assertArrayEquals(
        new int[] {124, 124, 124}, changed(color, c -> ColorChange.saturation(c, 0f)));
    assertArrayEquals(
        new int[] {162, 112, 87}, changed(color, c -> ColorChange.saturation(c, 0.5f)));
    assertArrayEquals(new int[] {124, 124, 124}, changed(color, c -> ColorChange.contrast(c, 0f)));
  }

  @Test
  void hueTurnsTheColorCircle() {
    assertArrayEquals(
        new int[] {0, 255, 0}, changed(Pictures.rgb(255, 0, 0), c -> ColorChange.hue(c, 1 / 3f)));
    SplittableRandom colors = new SplittableRandom(8);
    for (int i = 0; i < 2_000; i++) {
      int r = colors.nextInt(256);
      int g = colors.nextInt(256);
      int b = colors.nextInt(256);
      float turn = (float) colors.nextDouble(-0.5, 0.5);
      float[] hsb = Color.RGBtoHSB(r, g, b, null);
      Color expected = new Color(Color.HSBtoRGB(hsb[0] + turn, hsb[1], hsb[2]));
      int[] actual = changed(Pictures.rgb(r, g, b), c -> ColorChange.hue(c, turn));
      assertEquals(expected.getRed(), actual[0], 1);
      assertEquals(expected.getGreen(), actual[1], 1);
      assertEquals(expected.getBlue(), actual[2], 1);
    }
  }

  @Test
  void jitterDrawsFromItsRange() {
    Image image = Pictures.gray(1, 100);
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < 2_000; i++) {
      seen.add(new ColorJitter(0.1, 0, 0, 0).apply(image, random).level(0, 0, 0));
    }
    for (int level = 90; level <= 110; level++) {
      assertTrue(seen.remove(level), "a factor of " + level / 100.0 + " never came");
    }
    assertEquals(Set.of(), seen);
    Image color = Pictures.noise(3, 5, 5);
    Image same = new ColorJitter(0, 0, 0, 0).apply(color, random);
    assertArrayEquals(Pictures.levels(color), Pictures.levels(same));
    assertThrows(GradusException.class, () -> new ColorJitter(0, 0, 0, 0.6));
    assertThrows(GradusException.class, () -> new ColorJitter(-0.1, 0, 0, 0));
  }

  @Test
  void grayscaleKeepsThreeChannels() {
    Image gray = new RandomGrayscale(1).apply(Pictures.rgb(200, 100, 50), random);
    assertArrayEquals(new int[] {124, 124, 124}, Pictures.levels(gray));
    Image image = Pictures.noise(3, 2, 2);
    assertSame(image, new RandomGrayscale(0).apply(image, random));
  }

  @Test
  void noiseHasItsMeanAndDeviation() {
    Image gray = Image.ofFloats(1, 200, 200, filled(40_000, 0.5f));
    Image noisy = new GaussianNoise(0.05, 0.05).apply(gray, random);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < noisy.size(); i++) {
      double d = noisy.valueAt(i) - 0.5;
      sum += d;
      squares += d * d;
    }
    double mean = sum / noisy.size();
    assertEquals(0.05, mean, 5 * 0.05 / 200, "five standard errors");
    assertEquals(0.05, Math.sqrt(squares / noisy.size() - mean * mean), 0.001);
    Image black = new GaussianNoise(-1, 0).apply(gray, random);
    assertEquals(0f, black.valueAt(7));
    assertTrue(new GaussianNoise().apply(Pictures.noise(1, 3, 3), random).isBytes());
  }

  private static float[] filled(int size, float value) {
    float[] values = new float[size];
    java.util.Arrays.fill(values, value);
    return values;
  }

  @Test
  void blurIsTheOuterProductOfTheKernel() {
    float[] values = new float[49];
    values[24] = 1;
    Image dot = Image.ofFloats(1, 7, 7, values);
    Image blurred = new GaussianBlur(5, 1.5, 1.5).apply(dot, random);
    double norm = 0;
    for (int i = -2; i <= 2; i++) {
      norm += Math.exp(-i * i / 4.5);
    }
    for (int y = 0; y < 7; y++) {
      for (int x = 0; x < 7; x++) {
        int dy = y - 3;
        int dx = x - 3;
        boolean inside = Math.abs(dy) <= 2 && Math.abs(dx) <= 2;
        double expected = inside ? Math.exp(-(dx * dx + dy * dy) / 4.5) / (norm * norm) : 0;
        assertEquals(expected, blurred.value(0, y, x), 1e-6);
      }
    }
    // Mirrored without the border's pixel: the left end sees 2 1 | 0 | 1 2.
    Image ramp = Image.ofFloats(1, 3, 3, new float[] {0, 1, 2, 0, 1, 2, 0, 1, 2});
    double e1 = Math.exp(-1 / 4.5);
    double e2 = Math.exp(-4 / 4.5);
    Image smooth = new GaussianBlur(5, 1.5, 1.5).apply(ramp, random);
    assertEquals((2 * e1 + 4 * e2) / norm, smooth.value(0, 1, 0), 1e-6);
    assertThrows(GradusException.class, () -> new GaussianBlur(4));
    assertThrows(GradusException.class, () -> new GaussianBlur(7).apply(ramp, random));
  }

  @Test
  void erasingPaintsOneRectangleOfAllowedArea() {
    Image white = Image.ofFloats(2, 20, 30, filled(1200, 1f));
    RandomErasing erasing = new RandomErasing(1);
    for (int i = 0; i < 500; i++) {
      int[] box = blackBox(erasing.apply(white, random));
      int h = box[1] - box[0];
      int w = box[3] - box[2];
      assertEquals(h * w * 2, box[4], "a full rectangle in both channels");
      // Sides are rounded to whole pixels: half a pixel of tolerance for each.
      assertTrue((h + 0.5) * (w + 0.5) >= 0.02 * 600 && (h - 0.5) * (w - 0.5) <= 0.33 * 600);
      assertTrue((h + 0.5) / (w - 0.5) >= 0.3 && (h - 0.5) / (w + 0.5) <= 3.3);
    }
    assertSame(white, new RandomErasing(0).apply(white, random));
    Image noise = new RandomErasing(1).noise().apply(white, random);
    assertTrue(noise.valueAt(0) == 1 || noise.valueAt(0) != noise.valueAt(1));
  }

  /** Top, bottom, left and right (both exclusive) of what is 0, and how many values are. */
  private static int[] blackBox(Image image) {
    int[] box = {image.height(), 0, image.width(), 0, 0};
    for (int c = 0; c < image.channels(); c++) {
      for (int y = 0; y < image.height(); y++) {
        for (int x = 0; x < image.width(); x++) {
          if (image.value(c, y, x) == 0) {
            box[0] = Math.min(box[0], y);
            box[1] = Math.max(box[1], y + 1);
            box[2] = Math.min(box[2], x);
            box[3] = Math.max(box[3], x + 1);
            box[4]++;
          }
        }
      }
    }
    return box;
  }

  @Test
  void cutoutIsASquareCutAtTheBorder() {
    Image white = Image.ofFloats(1, 12, 12, filled(144, 1f));
    Set<Integer> areas = new HashSet<>();
    for (int i = 0; i < 3_000; i++) {
      int[] box = blackBox(new Cutout(4).apply(white, random));
      assertEquals((box[1] - box[0]) * (box[3] - box[2]), box[4]);
      areas.add(box[4]);
    }
    // Sides are 2, 3 or 4, as far as the middle is from the border.
    assertEquals(Set.of(4, 6, 8, 9, 12, 16), areas);
  }
}
