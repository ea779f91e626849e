package gradus.data.transform;

import gradus.data.image.Image;
import java.util.random.RandomGenerator;

/**
 * Exchanges top and bottom with probability {@code p}.
 *
 * @param p from 0 to 1; 0.5 by default
 */
public record RandomVerticalFlip(double p) implements Transform {
  /** Checks the probability. */
  public RandomVerticalFlip {
    Settings.probability("RandomVerticalFlip", p);
  }

  /** Every second image. */
  public RandomVerticalFlip() {
    this(0.5);
  }

  @Override
  public Transform withoutChance() {
    return Transform.identity();
  }

  @Override
  public Image apply(Image image, RandomGenerator random) {
    return random.nextDouble() < p ? image.flipVertical() : image;
  }
}
