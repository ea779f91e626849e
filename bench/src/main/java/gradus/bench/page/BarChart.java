package gradus.bench.page;

import java.util.List;
import java.util.Locale;

/**
 * Groups of bars, as an SVG whose colours follow the reader's choice of light or dark. A library
 * would fix the colours when it draws.
 *
 * @param title above the bars
 * @param series what the bars of a group stand for
 * @param groups from left to right
 * @param unit behind the number over each bar
 */
record BarChart(String title, List<String> series, List<Group> groups, String unit) {
  private static final List<String> COLOURS =
      List.of("#2f7ed8", "#d9822b", "#8f6bc9", "#3d9a5f", "#c0504d", "#7f8c8d");
  private static final int BAR = 26;
  private static final int GAP = 30;
  private static final int LEFT = 20;
  private static final int TOP = 70;
  private static final int HEIGHT = 220;
  private static final int LABEL = 190; // of a series in the legend

  /**
   * One group.
   *
   * @param name below it
   * @param values one for each series; NaN where there is none
   */
  record Group(String name, List<Double> values) {}

  String svg() {
    double highest =
        groups.stream()
            .flatMap(group -> group.values.stream())
            .filter(value -> !value.isNaN())
            .mapToDouble(Double::doubleValue)
            .max()
            .orElse(1);
    int groupWidth = series.size() * BAR + GAP;
    int width = Math.max(LEFT + groups.size() * groupWidth, LEFT + series.size() * LABEL);
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" role=\"img\" aria-label=\"%s\">%n",
            width,
            TOP + HEIGHT + 34,
            width,
            escape(title)));
    svg.append(
        """
        <style>
          text { font: 12px system-ui, sans-serif; fill: #24292f; }
          .title { font-size: 15px; font-weight: 600; }
          .value { font-size: 10px; text-anchor: middle; }
          .group { text-anchor: middle; }
          line { stroke: #8c959f; }
          @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } }
        </style>
        """);
    text(svg, "title", LEFT, 20, title);
    for (int i = 0; i < series.size(); i++) {
      bar(svg, i, LEFT + i * LABEL, 34, 10, 10);
      text(svg, "legend", LEFT + i * LABEL + 15, 43, series.get(i));
    }
    for (int g = 0; g < groups.size(); g++) {
      Group group = groups.get(g);
      int x = LEFT + g * groupWidth + GAP / 2;
      for (int i = 0; i < series.size(); i++) {
        double value = group.values.get(i);
        if (!Double.isNaN(value)) {
          double height = HEIGHT * value / highest;
          bar(svg, i, x + i * BAR, TOP + HEIGHT - height, BAR - 3, height);
          text(
              svg,
              "value",
              x + i * BAR + (BAR - 3) / 2.0,
              TOP + HEIGHT - height - 4,
              String.format(Locale.ROOT, value < 9.95 ? "%.1f" : "%.0f", value) + unit);
        }
      }
      text(svg, "group", x + series.size() * BAR / 2.0, TOP + HEIGHT + 20, group.name);
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>%n</svg>%n",
            LEFT,
            TOP + HEIGHT,
            width,
            TOP + HEIGHT));
    return svg.toString();
  }

  private static void bar(
      StringBuilder svg, int series, double x, double y, double width, double height) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>%n",
            x,
            y,
            width,
            height,
            COLOURS.get(series % COLOURS.size())));
  }

  private static void text(StringBuilder svg, String style, double x, double y, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>%n",
            style,
            x,
            y,
            escape(text)));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
