package gradus.doctor;

import java.util.List;

/**
 * A fact a finding rests on.
 *
 * @param sentence with the numbers
 * @param chart a picture of it, or null
 */
public record Evidence(String sentence, Chart chart) {
  /** A fact without a picture. */
  public static Evidence of(String sentence) {
    return new Evidence(sentence, null);
  }

  /**
   * Lines over a common axis.
   *
   * @param title of the chart
   * @param xLabel of the axis, such as {@code step}
   * @param logarithmic whether the values are drawn by their logarithm
   */
  public record Chart(
      String title, String xLabel, String yLabel, boolean logarithmic, List<Line> lines) {
    /** The list is copied. */
    public Chart {
      lines = List.copyOf(lines);
    }
  }

  /**
   * A line of a chart; x and y are equally long lists.
   *
   * @param name in the legend
   */
  public record Line(String name, List<Double> x, List<Double> y) {
    /** The lists are copied. */
    public Line {
      x = List.copyOf(x);
      y = List.copyOf(y);
      if (x.size() != y.size()) {
        throw new IllegalArgumentException(
            name + " has " + x.size() + " x values, but " + y.size() + " y values.");
      }
    }
  }
}
