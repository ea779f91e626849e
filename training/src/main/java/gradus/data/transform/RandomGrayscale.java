package gradus.data.transform;

import gradus.data.image.Image;
import java.util.random.RandomGenerator;

/**
 * Takes the colour away with probability {@code p}: all three channels become {@code 0.2989 R +
 * 0.587 G + 0.114 B}. Images of one channel stay as they are.
 *
 * @param p from 0 to 1; 0.1 by default
 */
public record RandomGrayscale(double p) implements Transform {
  /** Checks the probability. */
  public RandomGrayscale {
    Settings.probability("RandomGrayscale", p);
  }

  /** Every tenth image. */
  public RandomGrayscale() {
    this(0.1);
  }

  @Override
  public Transform withoutChance() {
    return Transform.identity();
  }

  @Override
  public Image apply(Image image, RandomGenerator random) {
    if (random.nextDouble() >= p || image.channels() != 3) {
      return image;
    }
    Canvas canvas = Canvas.copyOf(image);
    int plane = canvas.plane();
    for (int i = 0; i < plane; i++) {
      float gray = ColorChange.gray(canvas, i);
      canvas.set(i, gray);
      canvas.set(i + plane, gray);
      canvas.set(i + 2 * plane, gray);
    }
    return canvas.image();
  }
}
