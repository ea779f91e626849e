package gradus.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ImageViewTest {
  private static final PixelScale SCALE =
      PixelScale.of(new float[] {2, -3}, new float[] {0.5f, 0.25f});

  private static Image image(boolean bytes, int height, int width, long seed) {
    byte[] pixels = new byte[5 + 2 * height * width];
    new Random(seed).nextBytes(pixels);
    Image image = Image.ofBytes(2, height, width, pixels, 5);
    if (bytes) {
      return image;
    }
    float[] values = new float[image.size()];
    image.writeTo(values, 0);
    return Image.ofFloats(2, height, width, values);
  }

  private static float[] scaled(Image image) {
    float[] values = new float[image.size()];
    image.writeTo(values, 0, SCALE);
    return values;
  }

  @Property(tries = 2000)
  void isWhatCopyingStepByStepWouldMake(
      @ForAll @IntRange(min = 1, max = 7) int height,
      @ForAll @IntRange(min = 1, max = 40) int width,
      @ForAll @IntRange(min = -9, max = 9) int top,
      @ForAll @IntRange(min = -9, max = 9) int left,
      @ForAll @IntRange(min = 1, max = 9) int toHeight,
      @ForAll @IntRange(min = 1, max = 40) int toWidth,
      @ForAll PaddingMode mode,
      @ForAll boolean bytes,
      @ForAll boolean flipBefore,
      @ForAll boolean flipAfter,
      @ForAll boolean twice,
      @ForAll long seed) {
    Image copied = image(bytes, height, width, seed);
    ImageView view = ImageView.of(copied);
    if (flipBefore) {
      copied = copied.flipHorizontal();
      view = view.flipHorizontal();
    }
    for (int i = 0; i < (twice ? 2 : 1); i++) {
      copied = copied.window(top, left, toHeight, toWidth, mode, 0.3f);
      view = view.window(top, left, toHeight, toWidth, mode, 0.3f);
    }
    if (flipAfter) {
      copied = copied.flipHorizontal();
      view = view.flipHorizontal();
    }
    assertEquals(toHeight, view.height());
    assertEquals(toWidth, view.width());
    float[] expected = scaled(copied);
    float[] written = new float[expected.length + 3];
    view.writeTo(written, 3, SCALE);
    float[] found = new float[expected.length];
    System.arraycopy(written, 3, found, 0, found.length);
    assertArrayEquals(expected, found);
    assertArrayEquals(expected, scaled(view.image()));
    assertEquals(bytes, view.isBytes());
    if (bytes) {
      byte[] levels = new byte[copied.size()];
      copied.writeLevels(levels, 0);
      byte[] asBytes = new byte[copied.size()];
      view.writeBytes(asBytes);
      assertArrayEquals(levels, asBytes);
    }
  }

  @Test
  void scalingIsTheFormula() {
    byte[] levels = new byte[256];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = (byte) i;
    }
    float[] scaled = new float[256];
    Image.ofBytes(1, 16, 16, levels)
        .writeTo(scaled, 0, PixelScale.of(new float[] {2.5f}, new float[] {-0.75f}));
    float[] kept = new float[256];
    Image.ofBytes(1, 16, 16, levels).writeTo(kept, 0, PixelScale.identity(1));
    for (int i = 0; i < 256; i++) {
      assertEquals(i / 255.0 * 2.5 - 0.75, scaled[i], 1e-6);
      assertEquals(i / 255f, kept[i]);
    }
  }

  @Test
  void ofAWholeImageNothingIsCopied() {
    Image image = image(true, 3, 4, 1);
    assertSame(image, ImageView.of(image).image());
    assertSame(image, ImageView.of(image).flipHorizontal().flipHorizontal().image());
  }
}
