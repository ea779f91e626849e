package gradus.backend.spec;

import gradus.GradusException;
import gradus.tensor.Shape;

/**
 * Normalisation of {@code [N,C,H,W]}, in each image over the pixels of so many neighbouring
 * channels.
 *
 * @param groups of channels, all of one size
 * @param epsilon added to the variance before the root
 */
public record GroupNormSpec(int n, int c, int h, int w, int groups, float epsilon) {

  /** Checks every number. */
  public GroupNormSpec {
    if (n < 1 || c < 1 || h < 1 || w < 1 || !(epsilon > 0)) {
      throw new GradusException(
          String.format(
              "GroupNorm over [%d, %d, %d, %d] with epsilon %s: every size must be at least 1 and"
                  + " epsilon positive.",
              n, c, h, w, epsilon));
    }
    if (groups < 1 || c % groups != 0) {
      throw new GradusException(
          String.format(
              "GroupNorm cannot divide %d channels into %d groups of one size: choose a number of"
                  + " groups that divides %d.",
              c, groups, c));
    }
  }

  /** {@code [N,C,H,W]}. */
  public Shape shape() {
    return Shape.of(n, c, h, w);
  }

  /** Of the statistics: {@code [N,groups]}. */
  public Shape statistics() {
    return Shape.of(n, groups);
  }

  /** Channels of a group. */
  public int channels() {
    return c / groups;
  }

  /** Elements over which a mean is taken. */
  public int elements() {
    return Math.multiplyExact(channels(), h * w);
  }

  /** The same for a batch of another size. */
  public GroupNormSpec withBatch(int size) {
    return size == n ? this : new GroupNormSpec(size, c, h, w, groups, epsilon);
  }
}
