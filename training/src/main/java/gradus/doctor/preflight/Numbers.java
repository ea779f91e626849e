package gradus.doctor.preflight;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Numbers as findings write them. */
final class Numbers {
  private Numbers() {}

  /** Three digits that count: 0.131, 255, 1.2e-05. */
  static String text(double value) {
    if (value == 0 || !Double.isFinite(value)) {
      return value == 0 ? "0" : Double.toString(value);
    }
    double size = Math.abs(value);
    if (size >= 1e6 || size < 1e-3) {
      return String.format(Locale.ROOT, "%.1e", value);
    }
    int digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /** 12.3 %. */
  static String percent(double share) {
    return String.format(Locale.ROOT, share < 0.1 ? "%.1f %%" : "%.0f %%", 100 * share);
  }

  /** The first few, and how many more there are. */
  static String list(List<String> names, int most) {
    String first = names.stream().limit(most).collect(Collectors.joining(", "));
    return names.size() <= most ? first : first + " and " + (names.size() - most) + " more";
  }
}
