package gradus.data.image;

/**
 * A window of an image, maybe mirrored, that is not copied before somebody needs it: a loader
 * writes it straight into its batch. What lies outside the image is made up by a {@link
 * PaddingMode}.
 */
public final class ImageView {
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
