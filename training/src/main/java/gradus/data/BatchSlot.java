package gradus.data;

import gradus.GradusException;
import gradus.data.image.ImageView;
import gradus.data.transform.Normalize;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/** The memory of one batch, used again and again; it grows to the largest batch it has held. */
final class BatchSlot {
  private final Shape imageShape;
  private final int classes;
  private final Normalize normalize;
  private int capacity;
  private ByteBuffer bytes;
  private byte[] oneAsBytes;
  private FloatBuffer images;
  private float[] oneAsFloats;
  private IntBuffer labels;
  private FloatBuffer targets;
  private Batch full;
  private Batch batch;
  private boolean asBytes;
  private Throwable failure;
  private boolean ready;

  /**
   * A slot without memory.
   *
   * @param classes how many, for a batch with targets; 0 for class numbers alone
   * @param normalize what is done to the images; null for nothing. Where it is the last thing and
   *     they still are bytes, the batch carries bytes, and the device normalises them
   */
  BatchSlot(Shape imageShape, int classes, Normalize normalize) {
    this.imageShape = imageShape;
    this.classes = classes;
    this.normalize = normalize;
  }

  /** Makes sure that {@code count} images fit. */
  void reserve(int count) {
    if (count <= capacity) {
      return;
    }
    long size = imageShape.size() * count * Float.BYTES;
    if (size > Integer.MAX_VALUE) {
      throw new GradusException(
          "A batch of "
              + count
              + " images of "
              + imageShape
              + " takes "
              + size
              + " bytes, more than the "
              + Integer.MAX_VALUE
              + " one buffer can have; make the batch or the images smaller.");
    }
    capacity = count;
    full = null;
    batch = null;
    images = null;
    labels = direct(count * Integer.BYTES).asIntBuffer();
    targets = classes == 0 ? null : direct(count * classes * Float.BYTES).asFloatBuffer();
    if (mayBeBytes()) {
      bytes = direct((int) imageShape.size() * count);
      oneAsBytes = new byte[(int) imageShape.size()];
    } else {
      reserveFloats();
    }
  }

  /** What changes whole batches works on numbers. */
  private boolean mayBeBytes() {
    return normalize != null && classes == 0;
  }

  private void reserveFloats() {
    int size = (int) imageShape.size();
    images = direct(size * capacity * Float.BYTES).asFloatBuffer();
    oneAsFloats = new float[size];
  }

  private static ByteBuffer direct(int bytes) {
    try {
      return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    } catch (OutOfMemoryError e) {
      throw new GradusException(
          "No memory for a batch buffer of "
              + bytes
              + " bytes ("
              + e.getMessage()
              + "). Make the batch, the images or the prefetch smaller, or allow more with"
              + " -XX:MaxDirectMemorySize.",
          e);
    }
  }

  /** Prepares for {@code count} images. */
  void begin(int count) {
    asBytes = mayBeBytes();
    if (count == capacity && isUsable(full)) {
      batch = full;
    } else if (!isUsable(batch) || batch.size() != count) {
      batch = create(imageShape.withBatch(count));
    }
    if (count == capacity) {
      full = batch;
    }
  }

  /** Once somebody asked a batch of bytes for numbers, it is one of numbers. */
  private boolean isUsable(Batch old) {
    return old != null && old.isOfBytes() == asBytes;
  }

  private Batch create(Shape shape) {
    return asBytes
        ? Batch.ofBytes(
            shape, bytes, normalize.scale().perLevel(), normalize.scale().shift(), labels)
        : ofFloats(shape);
  }

  private Batch ofFloats(Shape shape) {
    int count = shape.dim(0);
    boolean some = targets != null && count < capacity;
    return new Batch(shape, images, labels, some ? targets.slice(0, count * classes) : targets);
  }

  /** Stores one image. */
  void put(int position, ImageView image, int label) {
    if (image.channels() != imageShape.dim(0)
        || image.height() != imageShape.dim(1)
        || image.width() != imageShape.dim(2)) {
      throw new GradusException(
          "after the transforms the image is "
              + image.channels()
              + " x "
              + image.height()
              + " x "
              + image.width()
              + ", but the first one is "
              + imageShape
              + " (channels, height, width). Images of a batch must be of one size: add"
              + " Resize.exact, or Resize.shorterSide and CenterCrop.");
    }
    if (asBytes && !image.isBytes()) {
      goOnInFloats(position);
    }
    // Into an array that stays in the first-level cache, and on in one copy.
    if (asBytes) {
      image.writeBytes(oneAsBytes);
      bytes.put(position * oneAsBytes.length, oneAsBytes);
    } else {
      if (normalize != null) {
        normalize.write(image, oneAsFloats, 0);
      } else {
        image.image().writeTo(oneAsFloats, 0);
      }
      images.put(position * oneAsFloats.length, oneAsFloats);
    }
    labels.put(position, label);
    for (int c = 0; c < classes; c++) {
      targets.put(position * classes + c, c == label ? 1f : 0f);
    }
  }

  /** A transform made an image of floats, perhaps by chance: what came before becomes the same. */
  private void goOnInFloats(int stored) {
    if (images == null) {
      reserveFloats();
    }
    images.put(0, batch.images(), 0, stored * oneAsFloats.length);
    batch = ofFloats(batch.shape());
    asBytes = false;
  }

  /** What the last {@link #begin} announced. */
  Batch batch() {
    return batch;
  }

  // The rest is guarded by the epoch's lock.

  void clear() {
    ready = false;
    failure = null;
  }

  void finish(Throwable failureOrNull) {
    failure = failureOrNull;
    ready = true;
  }

  boolean isReady() {
    return ready;
  }

  Throwable failure() {
    return failure;
  }
}
