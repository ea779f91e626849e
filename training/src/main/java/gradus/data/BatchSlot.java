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
  private FloatBuffer images;
  private IntBuffer labels;
  private FloatBuffer targets;
  private float[] values;
  private Batch full;
  private Batch batch;
  private Throwable failure;
  private boolean ready;

  /**
   * A slot without memory.
   *
   * @param classes how many, for a batch with targets; 0 for class numbers alone
   */
  BatchSlot(Shape imageShape, int classes) {
    this.imageShape = imageShape;
    this.classes = classes;
  }

  /** Makes sure that {@code count} images fit. */
  void reserve(int count) {
    if (full != null && count <= full.size()) {
      return;
    }
    long bytes = imageShape.size() * count * Float.BYTES;
    if (bytes > Integer.MAX_VALUE) {
      throw new GradusException(
          "A batch of "
              + count
              + " images of "
              + imageShape
              + " takes "
              + bytes
              + " bytes, more than the "
              + Integer.MAX_VALUE
              + " one buffer can have; make the batch or the images smaller.");
    }
    images = direct((int) bytes).asFloatBuffer();
    labels = direct(count * Integer.BYTES).asIntBuffer();
    targets = classes == 0 ? null : direct(count * classes * Float.BYTES).asFloatBuffer();
    values = new float[(int) imageShape.size()];
    full = new Batch(imageShape.withBatch(count), images, labels, targets);
    batch = full;
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
    if (count == full.size()) {
      batch = full;
    } else if (batch.size() != count) {
      FloatBuffer part = targets == null ? null : targets.slice(0, count * classes);
      batch = new Batch(imageShape.withBatch(count), images, labels, part);
    }
  }

  /** Stores one image. */
  void put(int position, ImageView image, Normalize normalize, int label) {
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
    // Into an array that stays in the first-level cache, and on in one copy.
    if (normalize != null) {
      normalize.write(image, values, 0);
    } else {
      image.image().writeTo(values, 0);
    }
    images.put(position * values.length, values);
    labels.put(position, label);
    for (int c = 0; c < classes; c++) {
      targets.put(position * classes + c, c == label ? 1f : 0f);
    }
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
