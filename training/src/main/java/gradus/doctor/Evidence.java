package gradus.doctor;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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

  /** A chart, and in words where each of its lines begins and ends, and how far it went between. */
  public static Evidence of(Chart chart) {
    String lines =
        chart.lines().stream()
            .map(line -> line.course(chart.xLabel()))
            .collect(Collectors.joining("; "));
    return new Evidence(chart.title() + ": " + lines + ".", chart);
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

    private String course(String axis) {
      if (y.isEmpty()) {
        return name + " has no number";
      }
      int last = y.size() - 1;
      Comparator<Integer> byValue = Comparator.comparing(y::get);
      int lowest = IntStream.rangeClosed(0, last).boxed().min(byValue).get();
      int highest = IntStream.rangeClosed(0, last).boxed().max(byValue).get();
      return String.format(Locale.ROOT, "%s from %.4g to %.4g", name, y.get(0), y.get(last))
          + between(lowest, "lowest", axis)
          + between(highest, "highest", axis);
    }

    private String between(int i, String extreme, String axis) {
      return i == 0 || i == y.size() - 1
          ? ""
          : String.format(Locale.ROOT, ", %s %.4g at %s %.0f", extreme, y.get(i), axis, x.get(i));
    }
  }
}
