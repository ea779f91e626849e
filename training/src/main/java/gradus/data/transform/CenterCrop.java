package gradus.data.transform;

import gradus.GradusException;
import gradus.data.image.Image;
import gradus.data.image.ImageView;
import gradus.data.image.PaddingMode;
import java.util.random.RandomGenerator;

/**
 * Cuts {@code height x width} out of the middle. An image that is smaller is an error, where
 * PyTorch pads it with black.
 *
 * @param height rows kept, at least 1
 * @param width columns kept, at least 1
 */
public record CenterCrop(int height, int width) implements Transform {
  /** Checks the size. */
  public CenterCrop {
    if (height < 1 || width < 1) {
      throw new GradusException(
          "CenterCrop: " + height + " x " + width + " must be at least 1 x 1.");
    }
  }

  /** A square. */
  public static CenterCrop of(int size) {
    return new CenterCrop(size, size);
  }

  @Override
  public Image apply(Image image, RandomGenerator random) {
    return applyTo(ImageView.of(image), random).image();
  }

  @Override
  public ImageView applyTo(ImageView image, RandomGenerator random) {
    if (image.height() == height && image.width() == width) {
      return image;
    }
    if (image.height() < height || image.width() < width) {
      throw new GradusException(
          "CenterCrop: cannot cut "
              + height
              + " x "
              + width
              + " out of an image of "
              + image.height()
              + " x "
              + image.width()
              + "; put a Resize before it.");
    }
    // Math.rint, so that an odd rest is split as PyTorch splits it.
    int top = (int) Math.rint((image.height() - height) / 2.0);
    int left = (int) Math.rint((image.width() - width) / 2.0);
    return image.window(top, left, height, width, PaddingMode.CONSTANT, 0);
  }
}
