package gradus.page.tck;

import java.util.List;

/**
 * What of a chart can be seen: a line, bars or dots.
 *
 * @param chart the id of its canvas, or what the page tells people who cannot see it
 * @param label its name in the legend
 * @param x where its points lie, read off the axis; the number of a bar
 * @param y the same for the other axis
 * @param drawn the share of its points where its colour is on the screen
 */
public record Curve(String chart, String label, List<Double> x, List<Double> y, double drawn) {
  /** Copies the lists. */
  public Curve {
    x = List.copyOf(x);
    y = List.copyOf(y);
  }
}
