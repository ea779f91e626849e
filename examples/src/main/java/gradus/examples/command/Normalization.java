package gradus.examples.command;

import gradus.GradusException;
import gradus.data.Dataset;
import gradus.data.StratifiedSplit;
import gradus.data.transform.Normalize;
import java.util.Locale;

/** The ways to scale pixels that can be chosen by name. */
enum Normalization {
  AUTO,
  IMAGENET,
  CIFAR10,
  MNIST,
  FASHION_MNIST,
  NONE;

  /** Enough for mean and deviation; all of a large folder would be decoded twice. */
  private static final int SAMPLE = 1_000;

  /** The numbers; {@code auto} measures them on training images drawn by the seed. */
  Normalize of(Dataset train, long seed) {
    return this == AUTO
        ? Normalize.from(StratifiedSplit.take(train, SAMPLE, seed).images())
        : of(train.get(0).image().channels(), train.name());
  }

  /** The numbers of all but {@code auto}, for images of so many channels. */
  Normalize of(int channels, String images) {
    Normalize normalize =
        switch (this) {
          case AUTO -> throw new IllegalStateException("auto measures images");
          case IMAGENET -> Normalize.IMAGENET;
          case CIFAR10 -> Normalize.CIFAR10;
          case MNIST -> Normalize.MNIST;
          case FASHION_MNIST -> Normalize.FASHION_MNIST;
          case NONE -> Normalize.none(channels);
        };
    int expected = normalize.mean().length;
    if (expected != channels) {
      throw new GradusException(
          "--normalize "
              + this
              + " is for images of "
              + expected
              + " channel(s), but those of "
              + images
              + " have "
              + channels
              + ". Use --normalize auto where there are training images, or another.");
    }
    return normalize;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
