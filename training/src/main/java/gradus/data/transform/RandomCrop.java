package gradus.data.transform;

import gradus.GradusException;
import gradus.data.image.Image;
import gradus.data.image.ImageView;
import gradus.data.image.PaddingMode;
import java.util.random.RandomGenerator;

/**
 * Pads an image on all sides and cuts {@code height x width} out of it, anywhere with the same
 * chance. {@code new RandomCrop(32, 4)} is the usual augmentation of CIFAR-10.
 *
 * @param height rows kept, at least 1
 * @param width columns kept, at least 1
 * @param padding pixels added at each side, from 0 (default)
 * @param mode what they are: {@link PaddingMode#CONSTANT} by default
 * @param fill their value with {@code CONSTANT}: 0 (black, default) to 1
 */
public record RandomCrop(int height, int width, int padding, PaddingMode mode, float fill)
    implements Transform {
  /** Checks the numbers. */
  public RandomCrop {
    Settings.atLeast("RandomCrop", "height", height, 1);
    Settings.atLeast("RandomCrop", "width", width, 1);
    Settings.atLeast("RandomCrop", "padding", padding, 0);
    Settings.range("RandomCrop", "fill", fill, fill, 0, 1);
  }

  /** A square, padded with black. */
  public RandomCrop(int size, int padding) {
    this(size, size, padding, PaddingMode.CONSTANT, 0);
  }

  /** A square, padded as {@code mode} says. */
  public RandomCrop(int size, int padding, PaddingMode mode) {
    this(size, size, padding, mode, 0);
  }

  @Override
  public Transform withoutChance() {
    return (image, random) -> {
      int top = Math.floorDiv(image.height() - height, 2); // negative: padded
      int left = Math.floorDiv(image.width() - width, 2);
      return ImageView.of(image).window(top, left, height, width, mode, fill).image();
    };
  }

  @Override
  public Image apply(Image image, RandomGenerator random) {
    return applyTo(ImageView.of(image), random).image();
  }

  @Override
  public ImageView applyTo(ImageView image, RandomGenerator random) {
    int rows = image.height() + 2 * padding - height;
    int columns = image.width() + 2 * padding - width;
    if (rows < 0 || columns < 0) {
      throw new GradusException(
          "RandomCrop: cannot cut "
              + height
              + " x "
              + width
              + " out of an image of "
              + image.height()
              + " x "
              + image.width()
              + " with "
              + padding
              + " pixels of padding; pad more, or put a Resize before it.");
    }
    int top = random.nextInt(rows + 1) - padding;
    int left = random.nextInt(columns + 1) - padding;
    return image.window(top, left, height, width, mode, fill);
  }
}
