package gradus.data.transform;

import gradus.data.image.Image;
import gradus.data.image.ImageView;
import java.util.random.RandomGenerator;

/**
 * Exchanges left and right with probability {@code p}.
 *
 * @param p from 0 to 1; 0.5 by default
 */
public record RandomHorizontalFlip(double p) implements Transform {
  /** Checks the probability. */
  public RandomHorizontalFlip {
    Settings.probability("RandomHorizontalFlip", p);
  }

  /** Every second image. */
  public RandomHorizontalFlip() {
    this(0.5);
  }

  @Override
  public Transform withoutChance() {
    return Transform.identity();
  }

  @Override
  public Image apply(Image image, RandomGenerator random) {
    return applyTo(ImageView.of(image), random).image();
  }

  @Override
  public ImageView applyTo(ImageView view, RandomGenerator random) {
    return random.nextDouble() < p ? view.flipHorizontal() : view;
  }
}
