package gradus.backend.spec;

import gradus.GradusException;
import gradus.tensor.Shape;

/**
 * Dropout over {@code [N,channels,pixels]}; of features, pixels is 1. An element is dropped with
 * {@code probability}, the others are divided by {@code 1 - probability}. Which are dropped is
 * {@link #isDropped}, a function of the seed and the logical index alone, so that backward needs no
 * stored mask and every layout drops the same elements.
 */
public record DropoutSpec(int n, int channels, int pixels, float probability, int seed) {

  /** Checks every number. */
  public DropoutSpec {
    if (n < 1 || channels < 1 || pixels < 1 || !(probability >= 0 && probability < 1)) {
      throw new GradusException(
          "Dropout probability is " + probability + ", but must be from 0 to below 1.");
    }
  }

  /** Dropout over {@code shape}, whose first dimension is N and whose second, if any, channels. */
  public static DropoutSpec of(Shape shape, float probability, int seed) {
    int n = shape.dim(0);
    int channels = shape.rank() > 1 ? shape.dim(1) : 1;
    int pixels = Math.toIntExact(shape.size() / n / channels);
    return new DropoutSpec(n, channels, pixels, probability, seed);
  }

  /** Elements of one example. */
  public int features() {
    return channels * pixels;
  }

  /** The largest 24-bit random number that still drops. */
  public int threshold() {
    return (int) (probability * (1 << 24));
  }

  /**
   * Whether the element of logical index {@code index} is dropped: the upper 24 bits of a 32-bit
   * mix of seed and index lie below {@link #threshold}. All arithmetic is modulo 2^32.
   */
  public boolean isDropped(int index) {
    int x = index * 0x9E3779B9 + seed;
    x ^= x >>> 16;
    x *= 0x85EBCA6B;
    x ^= x >>> 13;
    x *= 0xC2B2AE35;
    x ^= x >>> 16;
    return (x >>> 8) < threshold();
  }
}
