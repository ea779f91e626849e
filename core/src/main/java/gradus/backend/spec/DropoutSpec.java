package gradus.backend.spec;

import gradus.GradusException;

/**
 * Dropout over {@code [N,features]}: an element is dropped with {@code probability}, the others are
 * divided by {@code 1 - probability}. Which are dropped is {@link #isDropped}, a function of the
 * seed and the logical index alone, so that backward needs no stored mask and every layout drops
 * the same elements.
 */
public record DropoutSpec(int n, int features, float probability, int seed) {

  /** Checks every number. */
  public DropoutSpec {
    if (n < 1 || features < 1 || !(probability >= 0 && probability < 1)) {
      throw new GradusException(
          "Dropout probability is " + probability + ", but must be from 0 to below 1.");
    }
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
