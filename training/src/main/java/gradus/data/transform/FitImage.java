package gradus.data.transform;

import gradus.data.image.Image;
import gradus.data.image.ImageView;
import gradus.data.image.PaddingMode;
import java.util.random.RandomGenerator;

/**
 * Brings a picture to the size a network takes: scaled so that it just covers it, then the middle
 * is cut out. Nothing is distorted, and a picture that fits already stays as it is.
 *
 * @param height rows of the result
 * @param width columns of the result
 */
public record FitImage(int height, int width) implements Transform {
  /** A longer side is cut to so many times what can be seen of it before anything is scaled. */
  private static final int FAR = 16;

  @Override
  public Image apply(Image image, RandomGenerator random) {
    Image near = withoutFarEnds(image);
    double scale = Math.max((double) height / near.height(), (double) width / near.width());
    int scaledHeight = Math.max(height, (int) Math.round(near.height() * scale));
    int scaledWidth = Math.max(width, (int) Math.round(near.width() * scale));
    Image scaled = Resize.exact(scaledHeight, scaledWidth).apply(near, random);
    return new CenterCrop(height, width).apply(scaled, random);
  }

  /** Otherwise a picture of 1 x 1,000,000 pixels would grow to 32 x 32,000,000. */
  private Image withoutFarEnds(Image image) {
    double scale = Math.max((double) height / image.height(), (double) width / image.width());
    int mostRows = (int) Math.min(image.height(), Math.ceil(FAR * height / scale));
    int mostColumns = (int) Math.min(image.width(), Math.ceil(FAR * width / scale));
    if (mostRows == image.height() && mostColumns == image.width()) {
      return image;
    }
    return ImageView.of(image)
        .window(
            (image.height() - mostRows) / 2,
            (image.width() - mostColumns) / 2,
            mostRows,
            mostColumns,
            PaddingMode.CONSTANT,
            0)
        .image();
  }
}
