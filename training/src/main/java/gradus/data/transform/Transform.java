package gradus.data.transform;

import gradus.data.image.Image;
import gradus.data.image.ImageView;
import java.util.random.RandomGenerator;

/**
 * A step between a picture's file and the network. It returns a new image, or the one it was given
 * if there is nothing to do, and keeps no state, so that workers share it.
 *
 * <p>All chance comes from {@code random}, which depends on the run's seed, the epoch and the
 * image's index alone: an augmented picture is the same whichever worker makes it.
 */
@FunctionalInterface
public interface Transform {
  /** The image after this step. */
  Image apply(Image image, RandomGenerator random);

  /**
   * The same for a view of an image. A step that only picks and mirrors pixels overrides it, so
   * that nothing is copied before the pixels go into the batch.
   */
  default ImageView applyTo(ImageView view, RandomGenerator random) {
    return ImageView.of(apply(view.image(), random));
  }

  /**
   * What stands in for this step where images are to be judged rather than augmented: the same size
   * of image, without chance. This step itself unless overridden, so a step of your own that
   * augments returns {@link #identity} there, or a crop of the middle.
   */
  default Transform withoutChance() {
    return this;
  }

  /** This step, and then {@code next}; {@code Compose} in PyTorch. */
  default Transform then(Transform next) {
    return new ComposedTransform(this, next);
  }

  /** The step that changes nothing. */
  static Transform identity() {
    return (image, random) -> image;
  }
}
