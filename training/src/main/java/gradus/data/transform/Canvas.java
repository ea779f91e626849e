package gradus.data.transform;

import gradus.data.image.Image;

/**
 * An image in the making: values 0 to 1 are read and written, whatever they are stored as. Bytes
 * are rounded and clamped when they are written, floats are kept as they are.
 */
final class Canvas {
  private final int channels;
  private final int height;
  private final int width;
  private final byte[] bytes;
  private final float[] floats;

  private Canvas(boolean asBytes, int channels, int height, int width) {
    this.channels = channels;
    this.height = height;
    this.width = width;
    bytes = asBytes ? new byte[channels * height * width] : null;
    floats = asBytes ? null : new float[channels * height * width];
  }

  /** Black, of the size and kind of {@code image}. */
  static Canvas like(Image image) {
    return new Canvas(image.isBytes(), image.channels(), image.height(), image.width());
  }

  /** A copy to be changed. */
  static Canvas copyOf(Image image) {
    Canvas canvas = like(image);
    if (canvas.bytes != null) {
      image.writeLevels(canvas.bytes, 0);
    } else {
      image.writeTo(canvas.floats, 0);
    }
    return canvas;
  }

  int channels() {
    return channels;
  }

  int height() {
    return height;
  }

  int width() {
    return width;
  }

  /** Pixels of one channel. */
  int plane() {
    return height * width;
  }

  boolean isBytes() {
    return bytes != null;
  }

  /** The value at position {@code i} of the {@code [C,H,W]} order. */
  float get(int i) {
    return bytes != null ? (bytes[i] & 0xff) * (1f / 255f) : floats[i];
  }

  void set(int i, float value) {
    if (bytes != null) {
      bytes[i] = (byte) (int) (Math.max(0f, Math.min(1f, value)) * 255f + 0.5f);
    } else {
      floats[i] = value;
    }
  }

  /** What was drawn; nothing may be drawn afterwards. */
  Image image() {
    return bytes != null
        ? Image.ofBytes(channels, height, width, bytes)
        : Image.ofFloats(channels, height, width, floats);
  }
}
