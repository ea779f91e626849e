package gradus.tensor;

import gradus.GradusException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;

/**
 * The host side of one step: images ready for the network, and their labels. {@code Pass.images}
 * and {@code Pass.labels} bring them to a device.
 *
 * <p>Images are numbers, or {@linkplain #ofBytes bytes} that become numbers on the device: a
 * quarter of the memory to move.
 */
public final class Batch {
  private final Shape shape;
  private final ByteBuffer bytes;
  private final float[] scale;
  private final float[] shift;
  private final IntBuffer labels;
  private final FloatBuffer targets;
  private FloatBuffer images;
  private FloatBuffer oneHot; // null until it is asked for

  /**
   * A batch of numbers.
   *
   * @param shape {@code [N,C,H,W]}
   * @param images {@code N C H W} values from index 0, in logical row-major order; a direct buffer
   *     is copied fastest
   * @param labels N class numbers from index 0, or null when unknown
   * @param targets what to learn where that is more than a class number, such as the shares of two
   *     mixed images: {@code [N,classes]} probabilities, row by row, the whole buffer; or null
   */
  public Batch(Shape shape, FloatBuffer images, IntBuffer labels, FloatBuffer targets) {
    this(shape, images, null, null, null, labels, targets);
    requireRoom(images.capacity());
    if (targets != null && (targets.capacity() == 0 || targets.capacity() % shape.dim(0) != 0)) {
      throw new GradusException(
          "Targets of a batch of "
              + shape.dim(0)
              + " images must be as many numbers for each, but there are "
              + targets.capacity()
              + " in all.");
    }
  }

  /** With class numbers alone. */
  public Batch(Shape shape, FloatBuffer images, IntBuffer labels) {
    this(shape, images, labels, null);
  }

  private Batch(
      Shape shape,
      FloatBuffer images,
      ByteBuffer bytes,
      float[] scale,
      float[] shift,
      IntBuffer labels,
      FloatBuffer targets) {
    this.shape = shape;
    this.images = images;
    this.bytes = bytes;
    this.scale = scale;
    this.shift = shift;
    this.labels = labels;
    this.targets = targets;
  }

  /**
   * A batch of bytes, each of which stands for {@code byte * scale[c] + shift[c]}, counted from 0
   * to 255.
   *
   * @param shape {@code [N,C,H,W]}
   * @param bytes {@code N C H W} of them from index 0
   * @param scale a factor for each channel
   * @param shift a summand for each channel
   * @param labels as in a batch of numbers
   */
  public static Batch ofBytes(
      Shape shape, ByteBuffer bytes, float[] scale, float[] shift, IntBuffer labels) {
    Batch batch = new Batch(shape, null, bytes, scale, shift, labels, null);
    batch.requireRoom(bytes.capacity());
    if (shape.rank() != 4 || scale.length != shape.dim(1) || shift.length != shape.dim(1)) {
      throw new GradusException(
          "A batch of bytes has the shape [N,C,H,W] and a factor and a summand for each of its"
              + " channels, but the shape is "
              + shape
              + ", with "
              + scale.length
              + " factors and "
              + shift.length
              + " summands.");
    }
    return batch;
  }

  private void requireRoom(int room) {
    if (room < shape.size() || (labels != null && labels.capacity() < shape.dim(0))) {
      throw new GradusException(
          "A batch of shape "
              + shape
              + " needs "
              + shape.size()
              + " values and "
              + shape.dim(0)
              + " labels, but has room for "
              + room
              + " and "
              + (labels == null ? 0 : labels.capacity())
              + ".");
    }
  }

  /**
   * A view of {@code count} images from {@code first} on, with their labels and targets: the share
   * of one device.
   *
   * @throws GradusException if there are not so many
   */
  public Batch slice(int first, int count) {
    if (first < 0 || count < 1 || count > size() - first) {
      throw new GradusException(
          "Images %d to %d of a batch of %d are impossible: choose at least one of those it has."
              .formatted(first, (long) first + count - 1, size()));
    }
    Shape some = shape.withoutBatch().withBatch(count);
    int each = Math.toIntExact(shape.size() / size());
    IntBuffer someLabels = labels == null ? null : labels.duplicate().clear().slice(first, count);
    if (isOfBytes()) {
      ByteBuffer someBytes = bytes.duplicate().clear().slice(first * each, count * each);
      return ofBytes(some, someBytes, scale, shift, someLabels);
    }
    FloatBuffer someTargets = null;
    if (targets != null) {
      int classes = targets.capacity() / size();
      someTargets = targets.duplicate().clear().slice(first * classes, count * classes);
    }
    FloatBuffer someImages = images.duplicate().clear().slice(first * each, count * each);
    return new Batch(some, someImages, someLabels, someTargets);
  }

  /** {@code [N,C,H,W]}. */
  public Shape shape() {
    return shape;
  }

  /** The number of images. */
  public int size() {
    return shape.dim(0);
  }

  /**
   * The images as numbers, from index 0, which may be changed in place. Of a batch of bytes they
   * are worked out when they are asked for first, and from then on count instead of the bytes.
   */
  public FloatBuffer images() {
    if (images == null) {
      images = FloatBuffer.allocate(Math.toIntExact(shape.size()));
      int pixels = shape.dim(2) * shape.dim(3);
      for (int i = 0; i < images.capacity(); i++) {
        int c = i / pixels % scale.length;
        images.put(i, Math.fma(Byte.toUnsignedInt(bytes.get(i)), scale[c], shift[c]));
      }
    }
    return images;
  }

  /** Whether the images are still bytes: {@link #images} was not called. */
  public boolean isOfBytes() {
    return images == null;
  }

  /** The images as bytes, from index 0; null if they never were. */
  public ByteBuffer bytes() {
    return bytes;
  }

  /** What each channel's bytes are multiplied by; null without bytes. */
  public float[] scale() {
    return scale;
  }

  /** What is added to each channel after that; null without bytes. */
  public float[] shift() {
    return shift;
  }

  /** N class numbers from index 0, or null when unknown. */
  public IntBuffer labels() {
    return labels;
  }

  /**
   * The class numbers as {@code [N,classes]} numbers, in each row a 1 at the place of the class
   * among zeros. Written anew at every call, into memory that stays with the batch.
   *
   * @throws GradusException if a label has no place
   */
  public FloatBuffer oneHot(int classes) {
    int count = Math.multiplyExact(size(), classes);
    if (oneHot == null || oneHot.capacity() != count) {
      oneHot = FloatBuffer.allocate(count);
    }
    Arrays.fill(oneHot.array(), 0);
    for (int i = 0; i < size(); i++) {
      int label = labels.get(i);
      if (label < 0 || label >= classes) {
        throw new GradusException(
            "Label "
                + i
                + " of the batch is "
                + label
                + ", but the network has "
                + classes
                + " outputs, for classes 0 to "
                + (classes - 1)
                + ": give its last layer as many outputs as there are classes.");
      }
      oneHot.put(i * classes + label, 1);
    }
    return oneHot;
  }

  /** {@code [N,classes]} probabilities to learn instead of class numbers, or null. */
  public FloatBuffer targets() {
    return targets;
  }
}
