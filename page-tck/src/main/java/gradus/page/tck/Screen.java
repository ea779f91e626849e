package gradus.page.tck;

import java.util.List;

/**
 * What a page is looked at on.
 *
 * @param width in CSS pixels
 * @param height in CSS pixels
 * @param density device pixels of a CSS pixel
 * @param dark whether the person prefers dark colours
 */
public record Screen(int width, int height, int density, boolean dark) {
  /** A monitor on a desk. */
  public static final Screen DESKTOP = new Screen(1280, 900, 1, false);

  /** A telephone held upright, of the narrow ones. */
  public static final Screen PHONE = new Screen(390, 844, 2, false);

  /** Both, in light and in dark. */
  public static List<Screen> all() {
    return List.of(DESKTOP, DESKTOP.inTheDark(), PHONE, PHONE.inTheDark());
  }

  /** The same for a person who prefers dark colours. */
  public Screen inTheDark() {
    return new Screen(width, height, density, true);
  }

  boolean isPhone() {
    return density > 1;
  }

  /** Such as {@code 390-dark}. */
  @Override
  public String toString() {
    return width + (dark ? "-dark" : "-light");
  }
}
