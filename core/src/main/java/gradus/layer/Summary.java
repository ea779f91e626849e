package gradus.layer;

import gradus.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The table of a model: every layer with its output shape, parameters and multiply-adds for one
 * example.
 */
public final class Summary {
  private final List<LayerSummary> rows;
  private final Shape input;

  Summary(List<LayerSummary> rows, Shape input) {
    this.rows = rows;
    this.input = input;
  }

  /** Every layer, in the order they were built. */
  public List<LayerSummary> layers() {
    return rows;
  }

  /** The shape of one example. */
  public Shape input() {
    return input;
  }

  /** How many numbers are trained. */
  public long parameters() {
    return rows.stream().mapToLong(LayerSummary::parameters).sum();
  }

  /** Multiply-adds of one forward pass for one example. */
  public long multiplyAdds() {
    return rows.stream().mapToLong(LayerSummary::multiplyAdds).sum();
  }

  /** The table as text. */
  @Override
  public String toString() {
    List<String[]> cells = new ArrayList<>();
    cells.add(new String[] {"Layer", "Kind", "Output", "Parameters", "Multiply-adds"});
    cells.add(new String[] {"", "input", "[N, " + inner(input) + "]", "", ""});
    for (LayerSummary row : rows) {
      cells.add(
          new String[] {
            row.path(),
            row.kind(),
            "[N, " + inner(row.output()) + "]",
            number(row.parameters()),
            number(row.multiplyAdds())
          });
    }
    cells.add(new String[] {"Total", "", "", number(parameters()), number(multiplyAdds())});
    int[] widths = new int[cells.get(0).length];
    for (String[] row : cells) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (String[] row : cells) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.length; i++) {
        String format = i < 3 ? "%-" + widths[i] + "s  " : "%" + widths[i] + "s  ";
        line.append(String.format(format, row[i]));
      }
      text.append(line.toString().stripTrailing()).append(System.lineSeparator());
    }
    return text.toString();
  }

  private static String inner(Shape shape) {
    String text = shape.toString();
    return text.substring(1, text.length() - 1);
  }

  private static String number(long value) {
    return String.format("%,d", value);
  }
}
