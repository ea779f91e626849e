package gradus.backend.cuda;

import gradus.tensor.Shape;

/**
 * How images lie on the device: the struct Images of common.cuh.
 *
 * @param channels of an image
 * @param h rows of a channel
 * @param w pixels of a row
 * @param last whether the channels of a pixel lie side by side, [N][h][w][channels], rather than
 *     the pixels of a channel, [N][channels][h][w]
 */
record ImageLayout(int channels, int h, int w, boolean last) {
  /** Of a batch; what has no pixels lies row by row. */
  static ImageLayout of(Shape shape, boolean last) {
    int n = shape.rank() > 0 ? shape.dim(0) : 1;
    int channels = shape.rank() > 1 ? shape.dim(1) : 1;
    return new ImageLayout(channels, 1, Math.toIntExact(shape.size() / n / channels), last);
  }

  /** Of a channel. */
  int pixels() {
    return h * w;
  }

  /** Whether it lies row by row, [N,channels,h,w]. */
  boolean isLogical() {
    return !last || channels == 1 || pixels() == 1;
  }

  /** The same images row by row. */
  ImageLayout logical() {
    return new ImageLayout(channels, h, w, false);
  }

  /** The number, in logical order, of the element that lies at {@code index}. */
  int logical(int index) {
    if (isLogical()) {
      return index;
    }
    int pixel = index / channels;
    int plane = pixel / pixels() * channels + index % channels;
    return plane * pixels() + pixel % pixels();
  }

  /** Whether images of both lie alike, if they are as many and as large. */
  boolean liesAs(ImageLayout other) {
    return isLogical() ? other.isLogical() : equals(other);
  }
}
