package gradus.data.transform;

import gradus.data.image.Image;
import java.util.random.RandomGenerator;

/**
 * Changes brightness, contrast, saturation and hue by random amounts, in random order. A setting
 * {@code s} draws its factor from {@code max(0, 1 - s)} to {@code 1 + s}, the hue from {@code -s}
 * to {@code s}. Greyscale images keep saturation and hue. Bytes are rounded after each change,
 * where PyTorch cuts off: results may differ by one level.
 *
 * @param brightness from 0 (unchanged)
 * @param contrast from 0 (unchanged)
 * @param saturation from 0 (unchanged)
 * @param hue share of the colour circle, 0 (unchanged) to 0.5
 */
public record ColorJitter(double brightness, double contrast, double saturation, double hue)
    implements Transform {
  private static final int CHANGES = 4;

  /** Checks the numbers. */
  public ColorJitter {
    Settings.range("ColorJitter", "brightness", brightness, brightness, 0, 100);
    Settings.range("ColorJitter", "contrast", contrast, contrast, 0, 100);
    Settings.range("ColorJitter", "saturation", saturation, saturation, 0, 100);
    Settings.range("ColorJitter", "hue", hue, hue, 0, 0.5);
  }

  @Override
  public Transform withoutChance() {
    return Transform.identity();
  }

  @Override
  public Image apply(Image image, RandomGenerator random) {
    Canvas canvas = Canvas.copyOf(image);
    // Drawing without replacement from a set of bits: a random order without an array.
    int left = (1 << CHANGES) - 1;
    for (int remaining = CHANGES; remaining > 0; remaining--) {
      int bits = left;
      for (int skip = random.nextInt(remaining); skip > 0; skip--) {
        bits &= bits - 1;
      }
      int change = Integer.numberOfTrailingZeros(bits);
      left &= ~(1 << change);
      change(canvas, change, random);
    }
    return canvas.image();
  }

  private void change(Canvas canvas, int which, RandomGenerator random) {
    switch (which) {
      case 0 -> {
        if (brightness > 0) {
          ColorChange.brightness(canvas, factor(brightness, random));
        }
      }
      case 1 -> {
        if (contrast > 0) {
          ColorChange.contrast(canvas, factor(contrast, random));
        }
      }
      case 2 -> {
        if (saturation > 0) {
          ColorChange.saturation(canvas, factor(saturation, random));
        }
      }
      default -> {
        if (hue > 0) {
          ColorChange.hue(canvas, (float) (hue * (2 * random.nextDouble() - 1)));
        }
      }
    }
  }

  private static float factor(double strength, RandomGenerator random) {
    double least = Math.max(0, 1 - strength);
    return (float) (least + (1 + strength - least) * random.nextDouble());
  }
}
