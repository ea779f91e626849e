package gradus.data.image;

import java.util.Locale;

/**
 * How the rows of a stored picture lie, as EXIF tells it and {@code javax.imageio} names it. The
 * name says what was done to the upright picture; {@link #upright} undoes it.
 */
enum Orientation {
  NORMAL(false, false, false),
  FLIPH(false, true, false),
  ROTATE180(false, true, true),
  FLIPV(false, false, true),
  FLIPHROTATE90(true, true, true),
  ROTATE270(true, true, false),
  FLIPVROTATE90(true, false, false),
  ROTATE90(true, false, true);

  private final boolean swapsAxes;
  private final boolean mirrorsX;
  private final boolean mirrorsY;

  Orientation(boolean swapsAxes, boolean mirrorsX, boolean mirrorsY) {
    this.swapsAxes = swapsAxes;
    this.mirrorsX = mirrorsX;
    this.mirrorsY = mirrorsY;
  }

  /** By its name in the standard metadata; an unknown name means upright. */
  static Orientation named(String name) {
    String wanted = name.toUpperCase(Locale.ROOT);
    for (Orientation orientation : values()) {
      if (orientation.name().equals(wanted)) {
        return orientation;
      }
    }
    return NORMAL;
  }

  static Image upright(Image stored, Orientation orientation) {
    if (orientation == NORMAL) {
      return stored;
    }
    int height = orientation.swapsAxes ? stored.width() : stored.height();
    int width = orientation.swapsAxes ? stored.height() : stored.width();
    byte[] pixels = new byte[stored.size()];
    int i = 0;
    for (int c = 0; c < stored.channels(); c++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int mx = orientation.mirrorsX ? width - 1 - x : x;
          int my = orientation.mirrorsY ? height - 1 - y : y;
          pixels[i++] =
              (byte) (orientation.swapsAxes ? stored.level(c, mx, my) : stored.level(c, my, mx));
        }
      }
    }
    return Image.ofBytes(stored.channels(), height, width, pixels);
  }
}
