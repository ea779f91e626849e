package gradus.data.transform;

import gradus.data.image.Image;
import java.util.random.RandomGenerator;

/**
 * Paints over a square whose middle may be any pixel, so that it is cut at the border
 * (arXiv:1708.04552). The paper uses 16 for CIFAR-10 and 8 for CIFAR-100.
 *
 * @param size side of the square, at least 1
 * @param value the colour: 0 (default) to 1; after {@link Normalize}, 0 is the mean
 */
public record Cutout(int size, float value) implements Transform {
  /** Checks the size. */
  public Cutout {
    Settings.atLeast("Cutout", "size", size, 1);
  }

  /** Filled with 0. */
  public Cutout(int size) {
    this(size, 0);
  }

  @Override
  public Transform withoutChance() {
    return Transform.identity();
  }

  @Override
  public Image apply(Image image, RandomGenerator random) {
    int top = random.nextInt(image.height()) - size / 2;
    int left = random.nextInt(image.width()) - size / 2;
    Canvas canvas = Canvas.copyOf(image);
    for (int c = 0; c < image.channels(); c++) {
      for (int y = Math.max(0, top); y < Math.min(image.height(), top + size); y++) {
        int row = (c * image.height() + y) * image.width();
        for (int x = Math.max(0, left); x < Math.min(image.width(), left + size); x++) {
          canvas.set(row + x, value);
        }
      }
    }
    return canvas.image();
  }
}
