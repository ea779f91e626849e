package gradus.tensor;

import gradus.GradusException;
import java.util.Arrays;

/**
 * The logical extents of a tensor, outermost first: {@code [N,C,H,W]} for a batch of images, {@code
 * [N,F]} for features, {@code [C,H,W]} for one image, {@code []} for a scalar.
 */
public final class Shape {
  /** The shape of a single number. */
  public static final Shape SCALAR = new Shape(new int[0]);

  /** 2^48: no machine holds more, and sizes in bytes cannot overflow. */
  private static final long MOST_ELEMENTS = 1L << 48;

  private final int[] dimensions;
  private final long size;

  private Shape(int[] dimensions) {
    this.dimensions = dimensions;
    long product = 1;
    for (int d : dimensions) {
      if (d <= 0) {
        throw new GradusException(
            "Shape "
                + Arrays.toString(dimensions)
                + ": every dimension must be at least 1, but one is "
                + d
                + ".");
      }
      if (product > MOST_ELEMENTS / d) {
        throw new GradusException(
            "Shape " + Arrays.toString(dimensions) + " has more elements than any memory holds.");
      }
      product *= d;
    }
    this.size = product;
  }

  /**
   * A shape of the given extents.
   *
   * @throws GradusException if one is below 1
   */
  public static Shape of(int... dimensions) {
    return dimensions.length == 0 ? SCALAR : new Shape(dimensions.clone());
  }

  /** How many dimensions there are. */
  public int rank() {
    return dimensions.length;
  }

  /** The extent of dimension {@code i}; a negative {@code i} counts from the end. */
  public int dim(int i) {
    return dimensions[i < 0 ? i + dimensions.length : i];
  }

  /** The number of elements: the product of the extents. */
  public long size() {
    return size;
  }

  /** Whether it is {@code [n]}. Like its siblings below, it allocates nothing. */
  public boolean is(int n) {
    return dimensions.length == 1 && dimensions[0] == n;
  }

  /** Whether it is {@code [n,features]}. */
  public boolean is(int n, int features) {
    return dimensions.length == 2 && dimensions[0] == n && dimensions[1] == features;
  }

  /** Whether it is {@code [n,c,h,w]}. */
  public boolean is(int n, int c, int h, int w) {
    return dimensions.length == 4
        && dimensions[0] == n
        && dimensions[1] == c
        && dimensions[2] == h
        && dimensions[3] == w;
  }

  /** The same shape for {@code n} examples: {@code [C,H,W]} becomes {@code [n,C,H,W]}. */
  public Shape withBatch(int n) {
    int[] result = new int[dimensions.length + 1];
    result[0] = n;
    System.arraycopy(dimensions, 0, result, 1, dimensions.length);
    return new Shape(result);
  }

  /** The shape of one example: {@code [N,C,H,W]} becomes {@code [C,H,W]}. */
  public Shape withoutBatch() {
    if (dimensions.length == 0) {
      throw new GradusException("A scalar has no batch dimension to take away.");
    }
    return new Shape(Arrays.copyOfRange(dimensions, 1, dimensions.length));
  }

  /** The extents, as a fresh array. */
  public int[] toArray() {
    return dimensions.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dimensions, shape.dimensions);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dimensions);
  }

  @Override
  public String toString() {
    return Arrays.toString(dimensions);
  }
}
