package gradus.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.GradusException;
import gradus.doctor.Evidence.Line;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the layers of a run did while it learned: a line over the steps for each, from the first
 * layer to the last. It lies beside the record of the run, as {@value #FILE}.
 *
 * @param gradientRms the root of the mean square of each layer's gradient
 * @param updateRatio the norm of each layer's change in a step, as a share of the norm of its
 *     weights; about 0.001 is usual
 */
public record VitalsSeries(List<Line> gradientRms, List<Line> updateRatio) {
  /** The name of the file in the folder of a run. */
  public static final String FILE = "vitals.json";

  /** The most points of a line that is written. */
  public static final int MOST_POINTS = 400;

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The lists are copied. */
  public VitalsSeries {
    gradientRms = List.copyOf(gradientRms);
    updateRatio = List.copyOf(updateRatio);
  }

  /**
   * Writes it, with at most {@value #MOST_POINTS} points of each line: of those that fall together
   * the highest stays, so that no spike is lost. The file appears whole or not at all.
   *
   * @throws GradusException if it cannot be written
   */
  public void write(Path file) {
    WholeFile.write(file, json().toString());
  }

  /**
   * Reads such a file.
   *
   * @throws GradusException if it cannot be read or is damaged
   */
  public static VitalsSeries read(Path file) {
    try {
      JsonNode node = JSON.readTree(Files.readString(file));
      return new VitalsSeries(lines(node.path("gradient_rms")), lines(node.path("update_ratio")));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new GradusException(
          file + " is damaged (" + e.getMessage() + "). Remove it, or train again.", e);
    } catch (IOException e) {
      throw new GradusException("Cannot read " + file + " (" + e + ").", e);
    }
  }

  ObjectNode json() {
    ObjectNode node = JSON.createObjectNode();
    put(node.putArray("gradient_rms"), gradientRms);
    put(node.putArray("update_ratio"), updateRatio);
    return node;
  }

  private static void put(ArrayNode array, List<Line> lines) {
    lines.forEach(line -> array.add(FindingJson.line(thinned(line))));
  }

  private static List<Line> lines(JsonNode array) {
    List<Line> lines = new ArrayList<>();
    array.forEach(line -> lines.add(FindingJson.line(line)));
    return lines;
  }

  /** The highest of each of at most {@link #MOST_POINTS} stretches; NaN is higher than all. */
  static Line thinned(Line line) {
    int points = line.x().size();
    if (points <= MOST_POINTS) {
      return line;
    }
    List<Double> x = new ArrayList<>(MOST_POINTS);
    List<Double> y = new ArrayList<>(MOST_POINTS);
    for (int stretch = 0; stretch < MOST_POINTS; stretch++) {
      int from = (int) ((long) stretch * points / MOST_POINTS);
      int to = (int) ((stretch + 1L) * points / MOST_POINTS);
      int highest = from;
      for (int i = from + 1; i < to; i++) {
        if (Double.compare(line.y().get(i), line.y().get(highest)) > 0) {
          highest = i;
        }
      }
      x.add(line.x().get(highest));
      y.add(line.y().get(highest));
    }
    return new Line(line.name(), x, y);
  }
}
