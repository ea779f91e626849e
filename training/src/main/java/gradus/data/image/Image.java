package gradus.data.image;

import gradus.GradusException;

/**
 * One picture, {@code [C,H,W]} row-major: plane after plane, row after row.
 *
 * <p>Pixels are stored as bytes or as floats, but mean the same: a byte {@code b} stands for the
 * value {@code b / 255}, so whoever asks for {@linkplain #value values} gets 0 to 1 from any file.
 * There is no scaling step to forget, unlike {@code ToTensor} in PyTorch. Float images come out of
 * transforms and may leave that range.
 *
 * <p>An image is a view: it does not copy the array it is given, and nobody may change that array
 * afterwards.
 */
public final class Image {
  private static final float[] BYTE_VALUES = byteValues();

  private final int channels;
  private final int height;
  private final int width;
  private final int offset;
  private final byte[] bytes;
  private final float[] floats;

  private Image(int channels, int height, int width, byte[] bytes, float[] floats, int offset) {
    int stored = bytes != null ? bytes.length : floats.length;
    long needed = (long) channels * height * width;
    if (channels < 1 || height < 1 || width < 1 || offset < 0 || needed > stored - (long) offset) {
      throw new GradusException(
          "An image of "
              + channels
              + " x "
              + height
              + " x "
              + width
              + " (channels, height, width) needs extents of at least 1 and "
              + needed
              + " values from position "
              + offset
              + " on, but the array holds "
              + stored
              + ".");
    }
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.offset = offset;
    this.bytes = bytes;
    this.floats = floats;
  }

  /**
   * A view of {@code channels * height * width} bytes of {@code pixels}, from {@code offset} on.
   */
  public static Image ofBytes(int channels, int height, int width, byte[] pixels, int offset) {
    return new Image(channels, height, width, pixels, null, offset);
  }

  /** An image of bytes. */
  public static Image ofBytes(int channels, int height, int width, byte[] pixels) {
    return new Image(channels, height, width, pixels, null, 0);
  }

  /** An image of floats, 0 (black) to 1 (white) unless a transform says otherwise. */
  public static Image ofFloats(int channels, int height, int width, float[] values) {
    return new Image(channels, height, width, null, values, 0);
  }

  /** 1 for grey, 3 for red, green, blue. */
  public int channels() {
    return channels;
  }

  /** Rows. */
  public int height() {
    return height;
  }

  /** Columns. */
  public int width() {
    return width;
  }

  /** {@code channels * height * width}. */
  public int size() {
    return channels * height * width;
  }

  /** Whether the pixels are stored as bytes, so that {@link #level} is exact. */
  public boolean isBytes() {
    return bytes != null;
  }

  /** The value at a place, 0 to 1 for a picture as it came from its file. */
  public float value(int channel, int y, int x) {
    return valueAt((channel * height + y) * width + x);
  }

  /** The value at position {@code i} of the {@code [C,H,W]} order. */
  public float valueAt(int i) {
    return bytes != null ? BYTE_VALUES[bytes[offset + i] & 0xff] : floats[offset + i];
  }

  /** The value at a place in 256 levels, 0 to 255; a float is rounded and clamped. */
  public int level(int channel, int y, int x) {
    int i = offset + (channel * height + y) * width + x;
    return bytes != null
        ? bytes[i] & 0xff
        : Math.round(Math.min(1f, Math.max(0f, floats[i])) * 255f);
  }

  /**
   * Writes every value, scaled, to {@code destination}, {@code [C,H,W]} from {@code start} on: the
   * last step of every sample, and so the one that must be fast.
   */
  public void writeTo(float[] destination, int start, PixelScale scale) {
    int plane = height * width;
    for (int c = 0; c < channels; c++) {
      int from = offset + c * plane;
      int to = start + c * plane;
      if (bytes != null) {
        lookUp(from, scale.table(c), destination, to, to + plane);
      } else {
        scale.applyToRow(c, floats, from, destination, to, plane);
      }
    }
  }

  /**
   * Writes what a table says of the bytes from a place on, to the right or to the left, to {@code
   * destination[begin]} to before {@code end}.
   */
  void writeLevels(
      int channel,
      int y,
      int x,
      boolean leftwards,
      float[] table,
      float[] destination,
      int begin,
      int end) {
    int from = offset + (channel * height + y) * width + x;
    if (leftwards) {
      for (int i = begin, last = from + begin; i < end; i++) {
        destination[i] = table[bytes[last - i] & 0xff];
      }
    } else {
      lookUp(from, table, destination, begin, end);
    }
  }

  /**
   * Copies a rectangle of bytes to rows that are {@code stride} apart. Between its rows something
   * else may be written, where they are as far apart there as here.
   */
  void copyBytes(
      int channel, int y, int x, byte[] to, int start, int stride, int rows, int columns) {
    int from = offset + (channel * height + y) * width + x;
    if (columns == 1) {
      byte[] source = bytes;
      int step = width;
      for (int i = start, end = start + rows * stride; i < end; i += stride, from += step) {
        to[i] = source[from];
      }
    } else if (stride == width && rows > 0) {
      System.arraycopy(bytes, from, to, start, (rows - 1) * stride + columns);
    } else {
      for (int i = 0; i < rows; i++) {
        System.arraycopy(bytes, from + i * width, to, start + i * stride, columns);
      }
    }
  }

  private void lookUp(int from, float[] table, float[] destination, int begin, int end) {
    int ahead = from - begin;
    for (int i = begin; i < end; i++) {
      destination[i] = table[bytes[ahead + i] & 0xff];
    }
  }

  /** Writes the values of one row to {@code destination}, from its beginning on. */
  public void readRow(int channel, int y, float[] destination) {
    copyValues(destination, 0, offset + (channel * height + y) * width, width);
  }

  /** Writes every value as it is to {@code destination}, {@code [C,H,W]} from {@code start} on. */
  public void writeTo(float[] destination, int start) {
    copyValues(destination, start, offset, size());
  }

  private void copyValues(float[] to, int start, int from, int count) {
    if (floats != null) {
      System.arraycopy(floats, from, to, start, count);
    } else {
      for (int i = 0; i < count; i++) {
        to[start + i] = BYTE_VALUES[bytes[from + i] & 0xff];
      }
    }
  }

  /** A copy of the part with its upper left corner at row {@code top}, column {@code left}. */
  public Image crop(int top, int left, int toHeight, int toWidth) {
    if (top < 0 || left < 0 || toHeight > height - top || toWidth > width - left) {
      throw new GradusException(
          "Cannot cut "
              + toHeight
              + " x "
              + toWidth
              + " at ("
              + top
              + ", "
              + left
              + ") out of an image of "
              + height
              + " x "
              + width
              + ".");
    }
    Image result =
        bytes != null
            ? ofBytes(channels, toHeight, toWidth, new byte[channels * toHeight * toWidth])
            : ofFloats(channels, toHeight, toWidth, new float[channels * toHeight * toWidth]);
    Object from = bytes != null ? bytes : floats;
    Object to = bytes != null ? result.bytes : result.floats;
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < toHeight; y++) {
        int source = offset + (c * height + top + y) * width + left;
        System.arraycopy(from, source, to, (c * toHeight + y) * toWidth, toWidth);
      }
    }
    return result;
  }

  /**
   * A copy of a part that may reach beyond the image; what lies outside is made up by {@code
   * padding}. The corner may be negative.
   *
   * @param fill the value of {@link PaddingMode#CONSTANT}, 0 to 1
   */
  public Image window(
      int top, int left, int toHeight, int toWidth, PaddingMode padding, float fill) {
    Image result =
        bytes != null
            ? ofBytes(channels, toHeight, toWidth, new byte[channels * toHeight * toWidth])
            : ofFloats(channels, toHeight, toWidth, new float[channels * toHeight * toWidth]);
    Object from = bytes != null ? bytes : floats;
    Object to = bytes != null ? result.bytes : result.floats;
    int first = Math.min(toWidth, Math.max(0, -left));
    int last = Math.max(first, Math.min(toWidth, width - left));
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < toHeight; y++) {
        int row = (c * toHeight + y) * toWidth;
        int fromY = padding.source(top + y, height);
        int fromRow = fromY < 0 ? -1 : offset + (c * height + fromY) * width;
        if (fromRow >= 0) {
          if (first < last) { // a window beside the image has no pixel of it
            System.arraycopy(from, fromRow + left + first, to, row + first, last - first);
          }
        } else {
          result.pad(row, first, last, this, -1, left, padding, fill);
        }
        result.pad(row, 0, first, this, fromRow, left, padding, fill);
        result.pad(row, last, toWidth, this, fromRow, left, padding, fill);
      }
    }
    return result;
  }

  /**
   * Fills columns of a row of a new image from outside the source; {@code fromRow} -1 is no row.
   */
  private void pad(
      int row,
      int begin,
      int end,
      Image source,
      int fromRow,
      int left,
      PaddingMode padding,
      float fill) {
    for (int x = begin; x < end; x++) {
      int fromX = fromRow < 0 ? -1 : padding.source(left + x, source.width);
      if (bytes != null) {
        bytes[row + x] = fromX < 0 ? (byte) Math.round(fill * 255f) : source.bytes[fromRow + fromX];
      } else {
        floats[row + x] = fromX < 0 ? fill : source.floats[fromRow + fromX];
      }
    }
  }

  /** A copy with left and right exchanged. */
  public Image flipHorizontal() {
    if (bytes != null) {
      byte[] flipped = new byte[size()];
      for (int row = 0; row < flipped.length; row += width) {
        for (int x = 0, from = offset + row + width - 1; x < width; x++) {
          flipped[row + x] = bytes[from - x];
        }
      }
      return ofBytes(channels, height, width, flipped);
    }
    float[] flipped = new float[size()];
    for (int row = 0; row < flipped.length; row += width) {
      for (int x = 0, from = offset + row + width - 1; x < width; x++) {
        flipped[row + x] = floats[from - x];
      }
    }
    return ofFloats(channels, height, width, flipped);
  }

  /** A copy with top and bottom exchanged. */
  public Image flipVertical() {
    Object from = bytes != null ? bytes : floats;
    Image result =
        bytes != null
            ? ofBytes(channels, height, width, new byte[size()])
            : ofFloats(channels, height, width, new float[size()]);
    Object to = bytes != null ? result.bytes : result.floats;
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < height; y++) {
        int source = offset + (c * height + height - 1 - y) * width;
        System.arraycopy(from, source, to, (c * height + y) * width, width);
      }
    }
    return result;
  }

  /** Writes every pixel in 256 levels to {@code destination}, as {@link #level} gives them. */
  public void writeLevels(byte[] destination, int start) {
    if (bytes != null) {
      System.arraycopy(bytes, offset, destination, start, size());
    } else {
      for (int i = 0; i < size(); i++) {
        destination[start + i] = (byte) level(0, 0, i);
      }
    }
  }

  private static float[] byteValues() {
    float[] values = new float[256];
    for (int i = 0; i < values.length; i++) {
      values[i] = i / 255f;
    }
    return values;
  }

  @Override
  public String toString() {
    return channels + " x " + height + " x " + width + (bytes != null ? " bytes" : " floats");
  }
}
