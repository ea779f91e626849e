package gradus.examples.progress;

import java.time.Duration;
import java.util.Locale;

/** How numbers are shown. */
final class Format {
  private Format() {}

  /** {@code 0:07}, {@code 12:34}, {@code 1:02:03}. */
  static String clock(Duration time) {
    long seconds = Math.max(0, time.toSeconds());
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
        : String.format(
            Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
