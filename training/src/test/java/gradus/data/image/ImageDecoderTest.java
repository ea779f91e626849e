package gradus.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
  private static final Path NAME = Path.of("picture");
  private static final ImageDecoder RGB = new ImageDecoder(ColorMode.RGB);
  private static final ImageDecoder GRAY = new ImageDecoder(ColorMode.GRAY);

  @TempDir Path folder;

  private static byte[] encode(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, format, bytes), format);
    return bytes.toByteArray();
  }

  private static BufferedImage noise(int width, int height, int type) {
    BufferedImage image = new BufferedImage(width, height, type);
    Random random = new Random(3);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, random.nextInt() | 0xff000000);
      }
    }
    return image;
  }

  private static void assertLevels(Image image, int y, int x, int... levels) {
    int[] found = new int[levels.length];
    for (int c = 0; c < levels.length; c++) {
      found[c] = image.level(c, y, x);
    }
    assertEquals(Arrays.toString(levels), Arrays.toString(found));
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp"})
  void losslessFormatsKeepEveryPixel(String format) throws IOException {
    BufferedImage source = noise(13, 7, BufferedImage.TYPE_3BYTE_BGR);
    Image image = RGB.decode(encode(source, format), NAME);
    assertEquals("3 x 7 x 13 bytes", image.toString());
    for (int y = 0; y < 7; y++) {
      for (int x = 0; x < 13; x++) {
        Color c = new Color(source.getRGB(x, y));
        assertLevels(image, y, x, c.getRed(), c.getGreen(), c.getBlue());
      }
    }
  }

  @Test
  void jpegIsWhatThePlatformDecodes() throws IOException {
    BufferedImage source = new BufferedImage(40, 24, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = source.createGraphics();
    graphics.setPaint(new java.awt.GradientPaint(0, 0, Color.ORANGE, 40, 24, Color.BLUE));
    graphics.fillRect(0, 0, 40, 24);
    graphics.dispose();
    Image image = RGB.decode(encode(source, "jpeg"), NAME);
    assertEquals(24, image.height());
    Color c = new Color(source.getRGB(20, 12));
    assertEquals(c.getRed(), image.level(0, 12, 20), 12);
    assertEquals(c.getBlue(), image.level(2, 12, 20), 12);
  }

  @Test
  void grayIsTakenAsItStands() throws IOException {
    BufferedImage source = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
    for (int x = 0; x < 256; x++) {
      source.getRaster().setSample(x, 0, 0, x);
    }
    byte[] png = encode(source, "png");
    for (int x = 0; x < 256; x++) {
      assertLevels(RGB.decode(png, NAME), 0, x, x, x, x);
      assertLevels(GRAY.decode(png, NAME), 0, x, x);
    }
  }

  @Test
  void sixteenBitsAreRounded() throws IOException {
    BufferedImage source = new BufferedImage(4, 1, BufferedImage.TYPE_USHORT_GRAY);
    source.getRaster().setSamples(0, 0, 4, 1, 0, new int[] {0, 257 * 100, 257 * 100 + 128, 65535});
    Image image = GRAY.decode(encode(source, "png"), NAME);
    assertEquals(0, image.level(0, 0, 0));
    assertEquals(100, image.level(0, 0, 1));
    assertEquals(100, image.level(0, 0, 2));
    assertEquals(255, image.level(0, 0, 3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "gif"})
  void palettesAreLookedUp(String format) throws IOException {
    IndexColorModel palette =
        new IndexColorModel(
            2,
            4,
            new byte[] {0, (byte) 255, 10, 77},
            new byte[] {0, (byte) 255, 20, 88},
            new byte[] {0, (byte) 255, 30, 99});
    BufferedImage source = new BufferedImage(4, 2, BufferedImage.TYPE_BYTE_BINARY, palette);
    source.getRaster().setSamples(0, 0, 4, 1, 0, new int[] {0, 1, 2, 3});
    Image image = RGB.decode(encode(source, format), NAME);
    assertLevels(image, 0, 1, 255, 255, 255);
    assertLevels(image, 0, 2, 10, 20, 30);
    assertLevels(image, 0, 3, 77, 88, 99);
  }

  @Test
  void transparencyIsLaidOnWhite() throws IOException {
    BufferedImage source = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB);
    source.setRGB(0, 0, 0x00ff0000);
    source.setRGB(1, 0, 0x80000000);
    source.setRGB(2, 0, 0xff102030);
    Image image = RGB.decode(encode(source, "png"), NAME);
    assertLevels(image, 0, 0, 255, 255, 255);
    assertLevels(image, 0, 1, 127, 127, 127);
    assertLevels(image, 0, 2, 0x10, 0x20, 0x30);
  }

  @Test
  void grayOfColoursIsWeighted() throws IOException {
    BufferedImage source = new BufferedImage(3, 1, BufferedImage.TYPE_INT_RGB);
    source.setRGB(0, 0, 0xff0000);
    source.setRGB(1, 0, 0x00ff00);
    source.setRGB(2, 0, 0x0000ff);
    Image image = GRAY.decode(encode(source, "png"), NAME);
    assertEquals(76, image.level(0, 0, 0));
    assertEquals(150, image.level(0, 0, 1));
    assertEquals(29, image.level(0, 0, 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==",
        "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"
      })
  void readsWebP(String base64) {
    Image image = RGB.decode(Base64.getDecoder().decode(base64), NAME);
    assertEquals("3 x 1 x 1 bytes", image.toString());
  }

  /** What libwebp 1.2.4 wrote (cwebp -m 0), beside what it reads of that (dwebp). */
  @Test
  void lossyWebPHasTheColoursItWasWrittenWith() throws IOException {
    Image wanted = RGB.decode(resource("lossy.png"), NAME);
    Image image = RGB.decode(resource("lossy.webp"), NAME);
    assertEquals("3 x 64 x 96 bytes", image.toString());
    double off = 0;
    for (int channel = 0; channel < 3; channel++) {
      for (int pixel = 0; pixel < 64 * 96; pixel++) {
        off +=
            Math.abs(
                image.level(channel, pixel / 96, pixel % 96)
                    - wanted.level(channel, pixel / 96, pixel % 96));
      }
    }
    assertTrue(off / (3 * 64 * 96) < 3, "each colour is off by " + off / (3 * 64 * 96));
  }

  @ParameterizedTest
  @ValueSource(strings = {"lossless.webp", "lossy.webp"})
  void webPWithoutItsEndIsRefused(String name) throws IOException {
    byte[] whole = resource(name);
    RGB.decode(whole, NAME);
    for (int length = 1; length < whole.length; length += 1 + length / 8) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThrows(UnreadableImageException.class, () -> RGB.decode(cut, NAME), "" + length);
    }
  }

  @Test
  void progressiveJpegWithoutItsEndIsRefused() throws IOException {
    byte[] whole = progressive(noise(48, 40, BufferedImage.TYPE_INT_RGB));
    RGB.decode(whole, NAME);
    for (int length = 1; length < whole.length; length += 3) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThrows(UnreadableImageException.class, () -> RGB.decode(cut, NAME), "" + length);
    }
    byte[] more = Arrays.copyOf(whole, whole.length + 100);
    assertEquals("3 x 40 x 48 bytes", RGB.decode(more, NAME).toString());
  }

  private static byte[] progressive(BufferedImage image) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam parameters = writer.getDefaultWriteParam();
    parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(stream);
      writer.write(null, new IIOImage(image, null, null), parameters);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream stream = ImageDecoderTest.class.getResourceAsStream("/webp/" + name)) {
      return stream.readAllBytes();
    }
  }

  @Test
  void readsCmykJpeg() throws IOException {
    java.awt.image.WritableRaster raster =
        java.awt.image.Raster.createInterleavedRaster(
            java.awt.image.DataBuffer.TYPE_BYTE, 16, 16, 4, null);
    int[] ink = new int[16 * 16 * 4];
    for (int p = 0; p < 16 * 16; p++) {
      // Stored inverted, as Adobe does: full cyan, no other ink.
      ink[4 * p] = 0;
      ink[4 * p + 1] = 255;
      ink[4 * p + 2] = 255;
      ink[4 * p + 3] = 255;
    }
    raster.setPixels(0, 0, 16, 16, ink);
    Image image = RGB.decode(CmykJpeg.write(raster), NAME);
    assertEquals("3 x 16 x 16 bytes", image.toString());
    assertTrue(image.level(0, 8, 8) < 90, "red " + image.level(0, 8, 8));
    assertTrue(image.level(2, 8, 8) > 150, "blue " + image.level(2, 8, 8));
  }

  /**
   * Where the pixel stored in the first row and column belongs, by EXIF's definition of the number.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 0, 0, 16, 48", "2, 0, 1, 16, 48", "3, 1, 1, 16, 48", "4, 1, 0, 16, 48",
    "5, 0, 0, 48, 16", "6, 0, 1, 48, 16", "7, 1, 1, 48, 16", "8, 1, 0, 48, 16"
  })
  void turnsPhotosUpright(int orientation, int bottom, int right, int height, int width)
      throws IOException {
    BufferedImage source = new BufferedImage(48, 16, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = source.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, 8, 8);
    // Also right beside it along the stored row, to tell a turn from a mirrored turn.
    graphics.setColor(Color.GRAY);
    graphics.fillRect(8, 0, 16, 8);
    graphics.dispose();
    Image image = GRAY.decode(withOrientation(encode(source, "jpeg"), orientation), NAME);
    assertEquals("1 x " + height + " x " + width + " bytes", image.toString());
    int y = bottom == 1 ? height - 3 : 2;
    int x = right == 1 ? width - 3 : 2;
    assertTrue(image.level(0, y, x) > 240, "corner is " + image.level(0, y, x));
    boolean turned = orientation > 4;
    int alongY = turned ? (bottom == 1 ? height - 13 : 12) : y;
    int alongX = turned ? x : (right == 1 ? width - 13 : 12);
    assertEquals(128, image.level(0, alongY, alongX), 12);
  }

  private static byte[] withOrientation(byte[] jpeg, int orientation) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(jpeg, 0, 2);
    out.writeShort(0xffe1);
    out.writeShort(2 + 6 + 8 + 2 + 12 + 4);
    out.writeBytes("Exif\0\0");
    out.writeBytes("MM");
    out.writeShort(42);
    out.writeInt(8);
    out.writeShort(1);
    out.writeShort(0x0112);
    out.writeShort(3);
    out.writeInt(1);
    out.writeShort(orientation);
    out.writeShort(0);
    out.writeInt(0);
    out.write(jpeg, 2, jpeg.length - 2);
    return bytes.toByteArray();
  }

  @Test
  void refusesWhatIsNoPicture() throws IOException {
    Path file = folder.resolve("notes.jpg");
    Files.writeString(file, "not a picture at all");
    assertFailure(file.toString(), () -> RGB.decode(file));
    assertFailure("the file is empty", () -> RGB.decode(new byte[0], NAME));
    assertFailure("missing.png", () -> RGB.decode(folder.resolve("missing.png")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpeg", "png", "gif", "bmp"})
  void refusesTruncatedFiles(String format) throws IOException {
    byte[] content = encode(noise(64, 48, BufferedImage.TYPE_3BYTE_BGR), format);
    byte[] half = Arrays.copyOf(content, content.length / 2);
    assertFailure("picture", () -> RGB.decode(half, NAME));
  }

  @Test
  void refusesAJpegThatEndsAnywhereBeforeItsPixels() throws IOException {
    byte[] content = encode(noise(16, 16, BufferedImage.TYPE_3BYTE_BGR), "jpeg");
    int scan = 2;
    while ((content[scan + 1] & 0xff) != 0xda) {
      scan += 2 + ((content[scan + 2] & 0xff) << 8 | (content[scan + 3] & 0xff));
    }
    int pixels = scan + 2 + ((content[scan + 2] & 0xff) << 8 | (content[scan + 3] & 0xff));
    for (int length = 1; length <= pixels + 1; length++) {
      byte[] cut = Arrays.copyOf(content, length);
      assertFailure("picture", () -> RGB.decode(cut, NAME));
    }
  }

  @Test
  void refusesAbsurdAndEmptySizes() throws IOException {
    byte[] png = encode(noise(2, 2, BufferedImage.TYPE_3BYTE_BGR), "png");
    assertFailure("at most 100000000", () -> RGB.decode(withPngSize(png, 200_000, 200_000), NAME));
    assertFailure("picture", () -> RGB.decode(withPngSize(png, 0, 2), NAME));
    assertFailure("picture", () -> RGB.decode(withPngSize(png, -1, 2), NAME));
  }

  private static byte[] withPngSize(byte[] png, int width, int height) {
    byte[] result = png.clone();
    java.nio.ByteBuffer header = java.nio.ByteBuffer.wrap(result);
    header.putInt(16, width).putInt(20, height);
    CRC32 crc = new CRC32();
    crc.update(result, 12, 17);
    header.putInt(29, (int) crc.getValue());
    return result;
  }

  @Test
  void neverFailsOtherThanByName() throws IOException {
    Random random = new Random(11);
    for (String format : new String[] {"jpeg", "png", "gif", "bmp"}) {
      byte[] content = encode(noise(24, 16, BufferedImage.TYPE_3BYTE_BGR), format);
      for (int trial = 0; trial < 150; trial++) {
        byte[] damaged = content.clone();
        for (int k = 0; k < 1 + trial % 5; k++) {
          damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
        }
        try {
          RGB.decode(damaged, NAME);
        } catch (GradusException e) {
          assertTrue(e.getMessage().contains("picture"), e.getMessage());
        }
      }
    }
  }

  private static void assertFailure(String part, Executable call) {
    String message = assertThrows(GradusException.class, call).getMessage();
    assertTrue(message.contains(part), message);
  }
}
