package gradus.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.GradusException;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Evidence.Chart;
import gradus.doctor.Evidence.Line;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Symptom;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The training doctor's findings as JSON, in one form wherever they are written: run.json,
 * metrics.jsonl, {@code train --json} and the report. docs/run-files.md has the schema.
 *
 * <p>Numbers of charts keep five digits, so that a page with many of them stays small; one that is
 * not finite is null, and NaN again when it is read.
 */
public final class FindingJson {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final MathContext DIGITS = new MathContext(5);

  private FindingJson() {}

  /** The JSON object of a finding. */
  public static ObjectNode of(Finding finding) {
    ObjectNode node = JSON.createObjectNode();
    node.put("diagnosis", finding.diagnosis().name());
    node.put("label", finding.diagnosis().label());
    node.put("role", lower(finding.role()));
    node.put("severity", lower(finding.diagnosis().severity()));
    node.put("confidence", finding.confidence());
    Symptom symptom = finding.symptom();
    node.put("symptom", symptom == null ? null : symptom.name());
    node.put("seen", symptom == null ? null : symptom.sentence());
    node.put("cause", finding.cause());
    ArrayNode evidence = node.putArray("evidence");
    for (Evidence fact : finding.evidence()) {
      ObjectNode row = evidence.addObject();
      row.put("sentence", fact.sentence());
      row.set("chart", fact.chart() == null ? null : chart(fact.chart()));
    }
    Remedy remedy = finding.remedy();
    if (remedy == null) {
      node.putNull("remedy");
    } else {
      ObjectNode row = node.putObject("remedy");
      row.put("sentence", remedy.sentence());
      row.put("java", remedy.java());
      row.put("option", remedy.option());
    }
    node.put("epoch", finding.epoch());
    node.put("step", finding.step());
    node.put("about", "docs/diagnoses.md#" + finding.diagnosis().anchor());
    return node;
  }

  /** The JSON array of several. */
  public static ArrayNode of(List<Finding> findings) {
    ArrayNode array = JSON.createArrayNode();
    findings.forEach(finding -> array.add(of(finding)));
    return array;
  }

  /**
   * Reads what {@link #of(Finding)} made.
   *
   * @throws GradusException if it is no finding, or names a diagnosis of a newer version
   */
  public static Finding read(JsonNode node) {
    List<Evidence> evidence = new ArrayList<>();
    for (JsonNode row : node.path("evidence")) {
      JsonNode chart = row.path("chart");
      evidence.add(
          new Evidence(row.path("sentence").asText(), chart.isObject() ? chart(chart) : null));
    }
    JsonNode remedy = node.path("remedy");
    JsonNode symptom = node.path("symptom");
    try {
      return new Finding(
          Diagnosis.valueOf(node.path("diagnosis").asText()),
          Finding.Role.valueOf(node.path("role").asText().toUpperCase(Locale.ROOT)),
          node.path("confidence").asDouble(),
          symptom.isTextual() ? Symptom.valueOf(symptom.asText()) : null,
          node.path("cause").asText(),
          evidence,
          remedy.isObject()
              ? new Remedy(text(remedy, "sentence"), text(remedy, "java"), text(remedy, "option"))
              : null,
          node.path("epoch").asInt(),
          node.path("step").asLong());
    } catch (IllegalArgumentException e) {
      throw new GradusException(
          "This is no finding that this version of Gradus knows ("
              + e.getMessage()
              + "): "
              + node.path("diagnosis")
              + ", "
              + node.path("role")
              + ".",
          e);
    }
  }

  /** Reads an array of them. */
  public static List<Finding> readAll(JsonNode array) {
    List<Finding> findings = new ArrayList<>();
    array.forEach(node -> findings.add(read(node)));
    return findings;
  }

  static ObjectNode line(Line line) {
    ObjectNode node = JSON.createObjectNode();
    node.put("name", line.name());
    numbers(node.putArray("x"), line.x());
    numbers(node.putArray("y"), line.y());
    return node;
  }

  static Line line(JsonNode node) {
    return new Line(node.path("name").asText(), numbers(node.path("x")), numbers(node.path("y")));
  }

  private static ObjectNode chart(Chart chart) {
    ObjectNode node = JSON.createObjectNode();
    node.put("title", chart.title());
    node.put("x_label", chart.xLabel());
    node.put("y_label", chart.yLabel());
    node.put("logarithmic", chart.logarithmic());
    ArrayNode lines = node.putArray("lines");
    chart.lines().forEach(line -> lines.add(line(line)));
    return node;
  }

  private static Chart chart(JsonNode node) {
    List<Line> lines = new ArrayList<>();
    node.path("lines").forEach(line -> lines.add(line(line)));
    return new Chart(
        node.path("title").asText(),
        node.path("x_label").asText(),
        node.path("y_label").asText(),
        node.path("logarithmic").asBoolean(),
        lines);
  }

  private static void numbers(ArrayNode array, List<Double> values) {
    for (double value : values) {
      if (!Double.isFinite(value)) {
        array.addNull();
      } else if (value == Math.rint(value) && Math.abs(value) < 1e15) {
        array.add((long) value);
      } else {
        array.add(new BigDecimal(value).round(DIGITS).doubleValue());
      }
    }
  }

  private static List<Double> numbers(JsonNode array) {
    List<Double> values = new ArrayList<>(array.size());
    array.forEach(value -> values.add(value.isNumber() ? value.asDouble() : Double.NaN));
    return values;
  }

  private static String text(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isTextual() ? value.asText() : null;
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
