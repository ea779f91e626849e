package gradus.examples.command;

import gradus.tensor.Shape;
import gradus.train.TestTimeAugmentation;
import java.util.Locale;

/** Views of each image; a crop is moved by a sixteenth of the image, 2 pixels for CIFAR-10. */
enum Views {
  NONE,
  FLIP,
  CROP,
  FLIP_CROP;

  /** Null for the image alone. */
  TestTimeAugmentation of(Shape image) {
    int pixels = Math.max(1, Math.min(image.dim(1), image.dim(2)) / 16);
    return switch (this) {
      case NONE -> null;
      case FLIP -> TestTimeAugmentation.flip();
      case CROP -> TestTimeAugmentation.crop(pixels);
      case FLIP_CROP -> TestTimeAugmentation.flipAndCrop(pixels);
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
