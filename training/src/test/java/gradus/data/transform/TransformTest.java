package gradus.data.transform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.data.image.Image;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TransformTest {
  private static final RandomGenerator RANDOM = new SplittableRandom(1);

  private static Image ramp(int height, int width) {
    byte[] pixels = new byte[height * width];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 255 / (pixels.length - 1));
    }
    return Image.ofBytes(1, height, width, pixels);
  }

  private static int[] row(Image image) {
    int[] levels = new int[image.width()];
    for (int x = 0; x < levels.length; x++) {
      levels[x] = image.level(0, 0, x);
    }
    return levels;
  }

  @Test
  void enlargingInterpolates() {
    Image image = Image.ofBytes(1, 1, 2, new byte[] {0, 100});
    // Pixel centres at 0.25, 0.75, 1.25, 1.75 of two source pixels with centres 0.5 and 1.5.
    assertArrayEquals(new int[] {0, 25, 75, 100}, row(Resize.exact(1, 4).apply(image, RANDOM)));
  }

  @Test
  void shrinkingCountsEverySourcePixel() {
    byte[] pixels = new byte[8];
    pixels[3] = (byte) 240;
    Image image = Image.ofBytes(1, 1, 8, pixels);
    // Triangle of half-width 4 around 2 and 6: distances of pixel 3 are 1.5 and 2.5. The weights
    // inside the border add up to 3.5 (centres 0.5 to 5.5) on either side.
    double near = (1 - 1.5 / 4) / (0.625 + 0.875 + 0.875 + 0.625 + 0.375 + 0.125);
    double far = (1 - 2.5 / 4) / (0.625 + 0.875 + 0.875 + 0.625 + 0.375 + 0.125);
    int[] expected = {(int) Math.round(240 * near), (int) Math.round(240 * far)};
    assertArrayEquals(expected, row(Resize.exact(1, 2).apply(image, RANDOM)));
  }

  @Test
  void aFlatImageStaysFlat() {
    byte[] pixels = new byte[3 * 17 * 31];
    java.util.Arrays.fill(pixels, (byte) 201);
    Image image = Image.ofBytes(3, 17, 31, pixels);
    for (int[] size : new int[][] {{5, 7}, {40, 3}, {1, 1}, {33, 62}}) {
      Image resized = Resize.exact(size[0], size[1]).apply(image, RANDOM);
      for (int i = 0; i < resized.size(); i++) {
        assertEquals(201, resized.level(0, 0, i));
      }
    }
  }

  @Test
  void shorterSideKeepsProportions() {
    Resize resize = Resize.shorterSide(10);
    assertEquals("1 x 10 x 23 bytes", resize.apply(ramp(30, 70), RANDOM).toString());
    assertEquals("1 x 23 x 10 bytes", resize.apply(ramp(70, 30), RANDOM).toString());
    Image fits = ramp(10, 15);
    assertSame(fits, resize.apply(fits, RANDOM));
    assertThrows(GradusException.class, () -> Resize.shorterSide(0));
    assertThrows(GradusException.class, () -> Resize.exact(3, 0));
  }

  @Test
  void floatsStayFloats() {
    Image image = Image.ofFloats(1, 1, 2, new float[] {-1f, 3f});
    Image resized = Resize.exact(1, 1).apply(image, RANDOM);
    assertTrue(!resized.isBytes());
    assertEquals(1f, resized.value(0, 0, 0), 1e-6f);
  }

  @Test
  void cropsTheMiddle() {
    Image image = ramp(5, 7);
    Image cropped = CenterCrop.of(3).apply(image, RANDOM);
    assertEquals("1 x 3 x 3 bytes", cropped.toString());
    assertEquals(image.level(0, 1, 2), cropped.level(0, 0, 0));
    assertEquals(image.level(0, 3, 4), cropped.level(0, 2, 2));
    // An odd rest: PyTorch's round(0.5) is 0 and round(1.5) is 2.
    assertEquals(image.level(0, 0, 2), new CenterCrop(4, 4).apply(image, RANDOM).level(0, 0, 0));
    String message =
        assertThrows(GradusException.class, () -> CenterCrop.of(6).apply(image, RANDOM))
            .getMessage();
    assertTrue(message.contains("5 x 7") && message.contains("Resize"), message);
  }

  @Test
  void normalises() {
    Image image = Image.ofBytes(2, 1, 2, new byte[] {0, (byte) 255, 51, 102});
    Normalize normalize = Normalize.of(new float[] {0.5f, 0.2f}, new float[] {0.5f, 0.1f});
    float[] values = new float[4];
    normalize.apply(image, RANDOM).writeTo(values, 0);
    assertArrayEquals(new float[] {-1, 1, 0, 2}, values, 1e-6f);
    assertThrows(GradusException.class, () -> Normalize.MNIST.apply(image, RANDOM));
    assertThrows(GradusException.class, () -> Normalize.of(new float[1], new float[1]));
    assertThrows(GradusException.class, () -> Normalize.of(new float[1], new float[2]));
  }

  @Test
  void measuresMeanAndDeviation() {
    Image one = Image.ofBytes(1, 1, 2, new byte[] {0, 51});
    Image two = Image.ofBytes(1, 2, 1, new byte[] {102, (byte) 153});
    Normalize normalize = Normalize.from(Stream.of(one, two));
    assertEquals(0.3f, normalize.mean()[0], 1e-6f);
    assertEquals(Math.sqrt(0.05), normalize.standardDeviation()[0], 1e-6);
    assertThrows(GradusException.class, () -> Normalize.from(Stream.empty()));
    Image flat = Image.ofBytes(1, 1, 1, new byte[] {7});
    assertThrows(GradusException.class, () -> Normalize.from(Stream.of(flat, flat)));
  }

  @Test
  void thenRunsInOrder() {
    Transform both = Resize.exact(8, 8).then(CenterCrop.of(4));
    assertEquals("1 x 4 x 4 bytes", both.apply(ramp(30, 20), RANDOM).toString());
  }
}
