package gradus.examples.command;

import java.util.Locale;

/** How the numbers of runs look in tables; what does not exist is a dash. */
final class RunNumbers {
  private RunNumbers() {}

  /** {@code 98.76 %}. */
  static String percent(double share) {
    return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  /** Four digits after the point. */
  static String loss(double loss) {
    return Double.isNaN(loss) ? "-" : String.format(Locale.ROOT, "%.4f", loss);
  }

  /** {@code 12.3 s}, or {@code 2:03:04} from a minute on. */
  static String duration(double seconds) {
    if (Double.isNaN(seconds)) {
      return "-";
    }
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    return String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }
}
