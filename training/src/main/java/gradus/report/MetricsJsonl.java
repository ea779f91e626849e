package gradus.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.GradusException;
import gradus.doctor.Finding;
import gradus.metric.Monitor;
import gradus.train.EpochReport;
import gradus.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the epochs in a file of JSON lines, an object more after each epoch, with the names and
 * numbers of {@link MetricsCsv}, and one for each finding of the training doctor when it is made.
 * The file always holds whole lines. A number that does not exist, or is not finite, is null.
 */
public final class MetricsJsonl implements TrainingListener {
  /** The one name in a line that is a finding and no epoch. */
  static final String FINDING = "finding";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final StringBuilder text = new StringBuilder();
  private List<Finding> before = List.of();

  /** Will write to {@code file}, whose folder must exist. */
  public MetricsJsonl(Path file) {
    this.file = file;
  }

  /** Adds a line with a finding. */
  public void onFinding(Finding finding) {
    append(json(finding) + "\n");
  }

  private void append(String line) {
    text.append(line);
    WholeFile.write(file, text.toString());
  }

  @Override
  public void onStart(int epochs) {
    before = Files.exists(file) ? findings(file) : List.of();
  }

  /**
   * The epochs before keep what was found in them; what is found before the first is found again.
   * What was said at the start of this run stays behind them.
   */
  @Override
  public void onResume(List<EpochReport> earlier) {
    StringBuilder lines = new StringBuilder();
    for (EpochReport report : earlier) {
      before.stream()
          .filter(finding -> finding.epoch() == report.epoch())
          .forEach(finding -> lines.append(json(finding)).append('\n'));
      lines.append(json(report)).append('\n');
    }
    text.insert(0, lines);
  }

  @Override
  public void onEpoch(EpochReport report) {
    append(json(report) + "\n");
  }

  /** The JSON object of an epoch, in one line. */
  public static String json(EpochReport report) {
    ObjectNode epoch = JSON.createObjectNode().put(EpochField.EPOCH, report.epoch());
    for (EpochField field : EpochField.values()) {
      put(epoch, field.key(), field.of(report));
    }
    report.metrics().forEach((name, value) -> put(epoch, Monitor.nameOf(name), value.floatValue()));
    return epoch.toString();
  }

  private static void put(ObjectNode epoch, String name, float value) {
    if (Float.isFinite(value)) {
      epoch.put(name, value);
    } else {
      epoch.putNull(name);
    }
  }

  /** The JSON object of a finding, in one line: {@code {"finding": {...}}}. */
  public static String json(Finding finding) {
    return JSON.createObjectNode().set(FINDING, FindingJson.of(finding)).toString();
  }

  /**
   * The findings in such a file, in the order they were made.
   *
   * @throws GradusException naming file and line if it is damaged
   */
  public static List<Finding> findings(Path file) {
    List<Finding> findings = new ArrayList<>();
    for (JsonNode line : read(file)) {
      if (line.has(FINDING)) {
        findings.add(FindingJson.read(line.get(FINDING)));
      }
    }
    return findings;
  }

  /** The objects of its lines. */
  static List<JsonNode> read(Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new GradusException("Cannot read " + file + ": " + e, e);
    }
    List<JsonNode> objects = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      objects.add(parse(lines.get(i), file + ", line " + (i + 1)));
    }
    return objects;
  }

  /** An object, which it must be. */
  static JsonNode parse(String text, String where) {
    JsonNode node;
    try {
      node = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new GradusException(
          where + " is damaged: " + e.getOriginalMessage() + ". Train again.", e);
    }
    if (!node.isObject()) {
      throw new GradusException(where + " is damaged: it holds no JSON object. Train again.");
    }
    return node;
  }
}
