package gradus.search;

import gradus.GradusException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** One setting that a search chooses: from a list, or from a range by its logarithm. */
public final class Dimension {
  private final String name;
  private final List<String> values; // empty for a range
  private final double low;
  private final double high;

  private Dimension(String name, List<String> values, double low, double high) {
    this.name = name;
    this.values = List.copyOf(values);
    this.low = low;
    this.high = high;
  }

  /**
   * One of several values, all as likely.
   *
   * @throws GradusException if there is none, or one twice
   */
  public static Dimension choice(String name, List<String> values) {
    if (values.isEmpty() || values.stream().distinct().count() < values.size()) {
      throw new GradusException(name + ": choose from values that differ, not from " + values);
    }
    return new Dimension(name, values, 0, 0);
  }

  /**
   * A number from a range, as likely between 0.001 and 0.01 as between 0.01 and 0.1.
   *
   * @throws GradusException unless {@code 0 < low < high}
   */
  public static Dimension logUniform(String name, double low, double high) {
    if (!(low > 0 && high > low && high < Double.POSITIVE_INFINITY)) {
      throw new GradusException(
          name
              + ": a range on a logarithmic scale begins above 0 and ends above its begin, but this"
              + " is from "
              + low
              + " to "
              + high
              + ".");
    }
    return new Dimension(name, List.of(), low, high);
  }

  /**
   * Reads {@code 1e-4..1e-1} as a range, {@code 32,64,128} as a choice and {@code 64} as one value.
   *
   * @throws GradusException if it is neither
   */
  public static Dimension parse(String name, String text) {
    int dots = text.indexOf("..");
    if (dots < 0) {
      return choice(name, Arrays.stream(text.split(",", -1)).map(String::strip).toList());
    }
    try {
      return logUniform(
          name,
          Double.parseDouble(text.substring(0, dots)),
          Double.parseDouble(text.substring(dots + 2)));
    } catch (NumberFormatException e) {
      throw new GradusException(
          name + ": \"" + text + "\" is no range; write 0.001..0.1, or values as 0.01,0.1.", e);
    }
  }

  /** What it is called. */
  public String name() {
    return name;
  }

  /** Whether it is a range, on a logarithmic scale. */
  public boolean isRange() {
    return values.isEmpty();
  }

  /** Whether there is one value only, so that nothing is to be searched for. */
  public boolean isFixed() {
    return values.size() == 1;
  }

  /** The value at a place from 0 to below 1. */
  String at(double place) {
    if (!isRange()) {
      return values.get((int) (place * values.size()));
    }
    // Four digits are more than any search can tell apart.
    return String.format(Locale.ROOT, "%.4g", low * Math.pow(high / low, place));
  }

  /** The place of a value, the middle of its share for a choice: {@link #at} gives it back. */
  double placeOf(String value) {
    return isRange()
        ? Math.log(Double.parseDouble(value) / low) / Math.log(high / low)
        : (values.indexOf(value) + 0.5) / values.size();
  }

  /** How many values there are to choose from; none for a range. */
  int choices() {
    return values.size();
  }
}
