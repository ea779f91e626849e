package gradus.data.image;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A window of an image, maybe mirrored, that is not copied before somebody needs it: a loader
 * writes it straight into its batch. What lies outside the image is made up by a {@link
 * PaddingMode}.
 */
public final class ImageView {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final Image source;
  private final int top;
  private final int left;
  private final int height;
  private final int width;
  private final PaddingMode padding;
  private final float fill;
  private final boolean mirrored;

  private ImageView(
      Image source,
      int top,
      int left,
      int height,
      int width,
      PaddingMode padding,
      float fill,
      boolean mirrored) {
    this.source = source;
    this.top = top;
    this.left = left;
    this.height = height;
    this.width = width;
    this.padding = padding;
    this.fill = fill;
    this.mirrored = mirrored;
  }

  /** All of an image. */
  public static ImageView of(Image image) {
    return new ImageView(
        image, 0, 0, image.height(), image.width(), PaddingMode.CONSTANT, 0f, false);
  }

  /** 1 for grey, 3 for red, green, blue. */
  public int channels() {
    return source.channels();
  }

  /** Rows. */
  public int height() {
    return height;
  }

  /** Columns. */
  public int width() {
    return width;
  }

  /** A part of this view, which may reach beyond it; see {@link Image#window}. */
  public ImageView window(
      int fromTop, int fromLeft, int toHeight, int toWidth, PaddingMode mode, float value) {
    if (!isUncut()) {
      return of(image()).window(fromTop, fromLeft, toHeight, toWidth, mode, value);
    }
    // The window of a mirrored image is the mirrored window at the other side: padding is
    // symmetric.
    int column = mirrored ? source.width() - fromLeft - toWidth : fromLeft;
    return new ImageView(source, fromTop, column, toHeight, toWidth, mode, value, mirrored);
  }

  /** The same with left and right exchanged. */
  public ImageView flipHorizontal() {
    return new ImageView(source, top, left, height, width, padding, fill, !mirrored);
  }

  /** As an image of its own; the very image this is a view of, if it is all of it. */
  public Image image() {
    Image image = isUncut() ? source : source.window(top, left, height, width, padding, fill);
    return mirrored ? image.flipHorizontal() : image;
  }

  private boolean isUncut() {
    return top == 0 && left == 0 && height == source.height() && width == source.width();
  }

  /** Writes every value, scaled, to {@code destination}, {@code [C,H,W]} from {@code start} on. */
  public void writeTo(float[] destination, int start, PixelScale scale) {
    if (!mirrored && isUncut()) {
      source.writeTo(destination, start, scale);
      return;
    }
    if (!source.isBytes()) {
      image().writeTo(destination, start, scale);
      return;
    }
    // Columns of the destination whose pixels lie inside the source.
    int right = source.width() - left;
    int first = mirrored ? width - Math.min(width, right) : -left;
    int last = mirrored ? width + left : right;
    first = Math.min(width, Math.max(0, first));
    last = Math.max(first, Math.min(width, last));
    int[] outside = outside(first, last);
    int row = start;
    for (int c = 0; c < channels(); c++) {
      float[] table = scale.table(c);
      for (int y = 0; y < height; y++, row += width) {
        int fromY = padding.source(top + y, source.height());
        if (fromY < 0) {
          fill(destination, row, row + width, table);
          continue;
        }
        int column = mirrored ? left + width - 1 - first : left + first;
        source.writeLevels(c, fromY, column, mirrored, table, destination, row + first, row + last);
        pad(destination, row, 0, first, c, fromY, outside, table);
        pad(destination, row, last, width, c, fromY, outside, table);
      }
    }
  }

  /** Whether {@link #writeBytes} can be used: the pixels are stored as bytes. */
  public boolean isBytes() {
    return source.isBytes();
  }

  /** Writes every pixel to {@code destination}, {@code [C,H,W]} from its beginning on. */
  public void writeBytes(byte[] destination) {
    if (isUncut()) {
      source.writeLevels(destination, 0);
    } else {
      cutBytes(destination);
    }
    if (mirrored) {
      reverseRows(destination, channels() * height);
    }
  }

  /** The part inside the source first; then what continues its rows, and then whole rows. */
  private void cutBytes(byte[] to) {
    int firstX = Math.min(width, Math.max(0, -left));
    int lastX = Math.max(firstX, Math.min(width, source.width() - left));
    int firstY = Math.min(height, Math.max(0, -top));
    int lastY = Math.max(firstY, Math.min(height, source.height() - top));
    for (int c = 0, plane = 0; c < channels(); c++, plane += height * width) {
      int first = plane + firstY * width;
      if (firstX < lastX) {
        source.copyBytes(
            c,
            top + firstY,
            left + firstX,
            to,
            first + firstX,
            width,
            lastY - firstY,
            lastX - firstX);
      }
      padColumns(to, first, c, 0, firstX, top + firstY, lastY - firstY);
      padColumns(to, first, c, lastX, width, top + firstY, lastY - firstY);
      padRows(to, plane, c, 0, firstY, firstY, lastY);
      padRows(to, plane, c, lastY, height, firstY, lastY);
    }
  }

  /** Columns from {@code begin} to before {@code end} of the rows of a plane inside the source. */
  private void padColumns(byte[] to, int start, int c, int begin, int end, int fromRow, int rows) {
    for (int x = begin; x < end; x++) {
      int fromX = padding.source(left + x, source.width());
      if (fromX >= 0) {
        source.copyBytes(c, fromRow, fromX, to, start + x, width, rows, 1);
      } else {
        for (int y = 0; y < rows; y++) {
          to[start + y * width + x] = fillByte();
        }
      }
    }
  }

  private void padRows(byte[] to, int plane, int c, int begin, int end, int firstY, int lastY) {
    for (int y = begin; y < end; y++) {
      int row = plane + y * width;
      int fromY = padding.source(top + y, source.height());
      if (fromY < 0) {
        Arrays.fill(to, row, row + width, fillByte());
      } else if (fromY - top >= firstY && fromY - top < lastY) {
        System.arraycopy(to, plane + (fromY - top) * width, to, row, width);
      } else {
        for (int x = 0; x < width; x++) {
          int fromX = padding.source(left + x, source.width());
          to[row + x] = fromX < 0 ? fillByte() : (byte) source.level(c, fromY, fromX);
        }
      }
    }
  }

  private byte fillByte() {
    return (byte) Math.round(fill * 255f);
  }

  /** Exchanges columns from both ends, eight at a time, each time in all rows. */
  private void reverseRows(byte[] to, int rows) {
    int column = 0;
    for (; 2 * (column + Long.BYTES) <= width; column += Long.BYTES) {
      int low = column;
      int high = width - Long.BYTES - column;
      for (int row = 0; row < rows; row++, low += width, high += width) {
        long left = (long) EIGHT.get(to, low);
        EIGHT.set(to, low, Long.reverseBytes((long) EIGHT.get(to, high)));
        EIGHT.set(to, high, Long.reverseBytes(left));
      }
    }
    for (; 2 * (column + 1) <= width; column++) {
      int low = column;
      int high = width - 1 - column;
      for (int row = 0; row < rows; row++, low += width, high += width) {
        byte left = to[low];
        to[low] = to[high];
        to[high] = left;
      }
    }
  }

  /** The source's column of each column that lies outside it; null if they are filled. */
  private int[] outside(int first, int last) {
    if (padding == PaddingMode.CONSTANT || last - first == width) {
      return null;
    }
    int[] columns = new int[width];
    for (int x = 0; x < width; x++) {
      columns[x] = padding.source(left + (mirrored ? width - 1 - x : x), source.width());
    }
    return columns;
  }

  private void pad(
      float[] to, int row, int begin, int end, int c, int fromY, int[] columns, float[] table) {
    if (columns == null) {
      fill(to, row + begin, row + end, table);
      return;
    }
    for (int x = begin; x < end; x++) {
      to[row + x] = table[source.level(c, fromY, columns[x])];
    }
  }

  private void fill(float[] to, int begin, int end, float[] table) {
    float value = table[Math.round(fill * 255f)];
    for (int i = begin; i < end; i++) {
      to[i] = value;
    }
  }
}
