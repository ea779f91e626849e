package gradus.examples.command;

import gradus.data.image.Image;
import gradus.data.transform.CenterCrop;
import gradus.data.transform.Resize;
import gradus.data.transform.Transform;
import java.util.random.RandomGenerator;

/**
 * Brings a picture to the size a network takes: scaled so that it just covers it, then the middle
 * is cut out. Nothing is distorted, and a picture that fits already stays as it is.
 */
record FitImage(int height, int width) implements Transform {
  @Override
  public Image apply(Image image, RandomGenerator random) {
    double scale = Math.max((double) height / image.height(), (double) width / image.width());
    int scaledHeight = Math.max(height, (int) Math.round(image.height() * scale));
    int scaledWidth = Math.max(width, (int) Math.round(image.width() * scale));
    Image scaled = Resize.exact(scaledHeight, scaledWidth).apply(image, random);
    return new CenterCrop(height, width).apply(scaled, random);
  }
}
