package gradus.data.transform;

import gradus.data.image.Image;
import java.util.random.RandomGenerator;

/** One step and then another. */
record ComposedTransform(Transform first, Transform next) implements Transform {
  @Override
  public Image apply(Image image, RandomGenerator random) {
    return next.apply(first.apply(image, random), random);
  }

  @Override
  public Transform withoutChance() {
    Transform calm = first.withoutChance();
    Transform calmNext = next.withoutChance();
    return calm == first && calmNext == next ? this : new ComposedTransform(calm, calmNext);
  }
}
