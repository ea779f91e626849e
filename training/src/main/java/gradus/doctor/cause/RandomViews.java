package gradus.doctor.cause;

import gradus.doctor.History;
import gradus.tensor.Shape;
import java.util.Locale;

/**
 * The augmentation to begin with.
 *
 * @param java the transform
 * @param option of {@code ./gradus train}
 */
record RandomViews(String java, String option) {
  /**
   * Photos are moved and mirrored. Images of one channel are often of writing, which mirrored means
   * something else: they are turned, moved and scaled.
   */
  static RandomViews of(History.Facts facts) {
    Shape image = facts.imageShape();
    if (image.dim(0) == 1) {
      return new RandomViews(
          "new RandomAffine(15).translate(0.1, 0.1).scale(0.8, 1.2)",
          "--augment rotate,shift,zoom");
    }
    int height = image.dim(1);
    int width = image.dim(2);
    int padding = Math.max(1, Math.min(height, width) / 8);
    return new RandomViews(
        String.format(
            Locale.ROOT,
            "new RandomCrop(%d, %d, %d, PaddingMode.REFLECT, 0).then(new RandomHorizontalFlip())",
            height,
            width,
            padding),
        "--augment crop,flip");
  }
}
