package gradus.report;

import gradus.data.image.Image;
import gradus.data.transform.Resize;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/** A small picture that can stand in a page. */
public final class Thumbnail {
  /** A page with 24 of noise stays below 1 MB. */
  static final int LONGEST_SIDE = 96;

  private Thumbnail() {}

  /** The image as a PNG in a data URI, scaled down if it is larger than a thumbnail. */
  public static String dataUri(Image image) {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(paint(shrink(image)), "png", png)) {
        throw new IllegalStateException("this JDK writes no PNG");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png.toByteArray());
  }

  private static Image shrink(Image image) {
    int longest = Math.max(image.height(), image.width());
    if (longest <= LONGEST_SIDE) {
      return image;
    }
    int height = Math.max(1, Math.round((float) image.height() * LONGEST_SIDE / longest));
    int width = Math.max(1, Math.round((float) image.width() * LONGEST_SIDE / longest));
    return Resize.exact(height, width).apply(image, new SplittableRandom(0));
  }

  private static BufferedImage paint(Image image) {
    boolean gray = image.channels() == 1;
    BufferedImage painted =
        new BufferedImage(
            image.width(),
            image.height(),
            gray ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        for (int c = 0; c < painted.getRaster().getNumBands(); c++) {
          int from = Math.min(c, image.channels() - 1);
          painted.getRaster().setSample(x, y, c, image.level(from, y, x));
        }
      }
    }
    return painted;
  }
}
