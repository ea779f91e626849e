package gradus.data.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.util.Arrays;

/**
 * Turns a decoded {@link BufferedImage} of any kind into planes of bytes.
 *
 * <p>Grey and RGB samples are taken as they stand. {@code BufferedImage.getRGB} would not do: it
 * treats grey as linear light and brightens it.
 */
final class PixelReader {
  private PixelReader() {}

  static Image read(BufferedImage image, ColorMode colors) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] pixels = new byte[colors.channels() * height * width];
    Row row = rowOf(image);
    int[] rgb = new int[width];
    for (int y = 0; y < height; y++) {
      row.read(y, rgb);
      if (colors == ColorMode.RGB) {
        storeRgb(rgb, pixels, y * width, height * width);
      } else {
        storeGray(rgb, pixels, y * width);
      }
    }
    return Image.ofBytes(colors.channels(), height, width, pixels);
  }

  private static void storeRgb(int[] rgb, byte[] pixels, int start, int plane) {
    for (int x = 0; x < rgb.length; x++) {
      pixels[start + x] = (byte) (rgb[x] >> 16);
      pixels[start + x + plane] = (byte) (rgb[x] >> 8);
      pixels[start + x + 2 * plane] = (byte) rgb[x];
    }
  }

  private static void storeGray(int[] rgb, byte[] pixels, int start) {
    for (int x = 0; x < rgb.length; x++) {
      int r = (rgb[x] >> 16) & 0xff;
      int g = (rgb[x] >> 8) & 0xff;
      int b = rgb[x] & 0xff;
      // ITU-R 601 in 16-bit fixed point; the weights add up to 65536, so grey stays as it is.
      pixels[start + x] = (byte) ((r * 19595 + g * 38470 + b * 7471 + 32768) >> 16);
    }
  }

  /** One row as 0xRRGGBB, transparency already laid on white. */
  private interface Row {
    void read(int y, int[] rgb);
  }

  private static Row rowOf(BufferedImage image) {
    ColorModel model = image.getColorModel();
    if (model instanceof ComponentColorModel && hasPlainSamples(image, model)) {
      return ByteRow.fits(image) ? new ByteRow(image) : new SampleRow(image);
    }
    // Palettes, packed integers and CMYK: the colour model knows what a pixel means.
    return (y, rgb) -> {
      image.getRGB(0, y, rgb.length, 1, rgb, 0, rgb.length);
      for (int x = 0; x < rgb.length; x++) {
        int alpha = rgb[x] >>> 24;
        if (alpha != 255) {
          rgb[x] =
              overWhite((rgb[x] >> 16) & 0xff, alpha) << 16
                  | overWhite((rgb[x] >> 8) & 0xff, alpha) << 8
                  | overWhite(rgb[x] & 0xff, alpha);
        }
      }
    };
  }

  private static boolean hasPlainSamples(BufferedImage image, ColorModel model) {
    int space = model.getColorSpace().getType();
    int type = image.getRaster().getDataBuffer().getDataType();
    return (space == ColorSpace.TYPE_GRAY || space == ColorSpace.TYPE_RGB)
        && (type == DataBuffer.TYPE_BYTE || type == DataBuffer.TYPE_USHORT)
        && !model.isAlphaPremultiplied();
  }

  private static int overWhite(int level, int alpha) {
    return (level * alpha + 255 * (255 - alpha) + 127) / 255;
  }

  /** Opaque grey or RGB of 8 bits, as most decoders give it: read where it lies. */
  private static final class ByteRow implements Row {
    private final byte[] data;
    private final int start;
    private final int rowStride;
    private final int pixelStride;
    private final int[] bandOffsets;

    ByteRow(BufferedImage image) {
      Raster raster = image.getRaster();
      ComponentSampleModel layout = (ComponentSampleModel) raster.getSampleModel();
      DataBufferByte buffer = (DataBufferByte) raster.getDataBuffer();
      data = buffer.getData();
      rowStride = layout.getScanlineStride();
      pixelStride = layout.getPixelStride();
      bandOffsets = layout.getBandOffsets();
      start =
          buffer.getOffset()
              - raster.getSampleModelTranslateY() * rowStride
              - raster.getSampleModelTranslateX() * pixelStride;
    }

    static boolean fits(BufferedImage image) {
      Raster raster = image.getRaster();
      return raster.getSampleModel() instanceof ComponentSampleModel
          && raster.getDataBuffer() instanceof DataBufferByte buffer
          && buffer.getNumBanks() == 1
          && raster.getNumBands() == image.getColorModel().getNumColorComponents()
          && Arrays.stream(image.getColorModel().getComponentSize()).allMatch(bits -> bits == 8);
    }

    @Override
    public void read(int y, int[] rgb) {
      int r = start + y * rowStride + bandOffsets[0];
      int g = bandOffsets.length == 1 ? r : r + bandOffsets[1] - bandOffsets[0];
      int b = bandOffsets.length == 1 ? r : r + bandOffsets[2] - bandOffsets[0];
      for (int x = 0; x < rgb.length; x++) {
        int i = x * pixelStride;
        rgb[x] = (data[r + i] & 0xff) << 16 | (data[g + i] & 0xff) << 8 | (data[b + i] & 0xff);
      }
    }
  }

  /** Grey, grey with alpha, RGB or RGBA samples of 1 to 16 bits. */
  private static final class SampleRow implements Row {
    private final Raster raster;
    private final int bands;
    private final int[] maxima;
    private final int[] samples;
    private final int colorBands;

    SampleRow(BufferedImage image) {
      raster = image.getRaster();
      bands = raster.getNumBands();
      colorBands = image.getColorModel().getNumColorComponents();
      maxima = new int[bands];
      for (int b = 0; b < bands; b++) {
        maxima[b] = (1 << image.getColorModel().getComponentSize(b)) - 1;
      }
      samples = new int[bands * image.getWidth()];
    }

    @Override
    public void read(int y, int[] rgb) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, rgb.length, 1, samples);
      for (int x = 0; x < rgb.length; x++) {
        int i = x * bands;
        int alpha = bands > colorBands ? level(i, colorBands) : 255;
        int r = overWhiteIf(alpha, level(i, 0));
        int g = colorBands == 1 ? r : overWhiteIf(alpha, level(i, 1));
        int b = colorBands == 1 ? r : overWhiteIf(alpha, level(i, 2));
        rgb[x] = r << 16 | g << 8 | b;
      }
    }

    private int level(int start, int band) {
      int maximum = maxima[band];
      int sample = samples[start + band];
      return maximum == 255 ? sample : (sample * 255 + maximum / 2) / maximum;
    }

    private static int overWhiteIf(int alpha, int level) {
      return alpha == 255 ? level : overWhite(level, alpha);
    }
  }
}
