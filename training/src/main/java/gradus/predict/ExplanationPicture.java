package gradus.predict;

import gradus.data.image.Image;
import java.awt.image.BufferedImage;

/**
 * Draws an {@link Explanation}: the image as the model saw it, the same under its Grad-CAM, and the
 * saliency, side by side. What matters is bright: from black over red and yellow to white.
 */
public final class ExplanationPicture {
  private static final int LEAST_SIDE = 224;
  private static final double VEIL = 0.6;

  private ExplanationPicture() {}

  /** Three panels beside each other, enlarged by a whole number to at least 224 pixels each. */
  public static BufferedImage draw(Explanation explanation) {
    Image image = explanation.image();
    int shorter = Math.min(image.height(), image.width());
    int zoom = Math.max(1, (LEAST_SIDE + shorter - 1) / shorter);
    int width = image.width() * zoom;
    BufferedImage picture =
        new BufferedImage(3 * width, image.height() * zoom, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < width; x++) {
        int row = y / zoom;
        int column = x / zoom;
        int seen = color(image, row, column);
        int cam = heat(explanation.gradCam().value(0, row, column));
        picture.setRGB(x, y, seen);
        picture.setRGB(width + x, y, blend(seen, cam));
        picture.setRGB(
            2 * width + x, y, heat(Math.sqrt(explanation.saliency().value(0, row, column))));
      }
    }
    return picture;
  }

  private static int color(Image image, int y, int x) {
    int red = image.level(0, y, x);
    return image.channels() == 1
        ? red << 16 | red << 8 | red
        : red << 16 | image.level(1, y, x) << 8 | image.level(2, y, x);
  }

  private static int heat(double value) {
    return level(3 * value) << 16 | level(3 * value - 1) << 8 | level(3 * value - 2);
  }

  private static int level(double value) {
    return (int) Math.round(255 * Math.max(0, Math.min(1, value)));
  }

  private static int blend(int below, int above) {
    int result = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      double mixed = (1 - VEIL) * (below >> shift & 0xff) + VEIL * (above >> shift & 0xff);
      result |= (int) Math.round(mixed) << shift;
    }
    return result;
  }
}
