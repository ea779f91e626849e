package gradus.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.GradusException;
import gradus.doctor.Finding;
import gradus.doctor.Symptom;
import gradus.train.EpochReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsJsonlTest {
  private static final EpochReport FIRST =
      new EpochReport(1, 1.5, 0.1, Double.NaN, Double.POSITIVE_INFINITY, 1e-5, 2, 4e7);
  private static final EpochReport SECOND =
      new EpochReport(2, 0.25, 0.875, 0.5, 0.75, 0.005, 2.5, 3200);

  @TempDir Path folder;

  private static List<JsonNode> read(Path file) throws IOException {
    List<JsonNode> epochs = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      epochs.add(new ObjectMapper().readTree(line));
    }
    return epochs;
  }

  @Test
  void growsByAnObjectAnEpoch() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    MetricsJsonl lines = new MetricsJsonl(file);
    lines.onEpoch(FIRST);
    assertEquals(1, read(file).size());
    lines.onEpoch(SECOND);
    List<JsonNode> epochs = read(file);
    assertEquals(2, epochs.size());
    assertTrue(epochs.get(0).get("epoch").isInt());
    assertTrue(epochs.get(0).get("validation_loss").isNull(), "NaN");
    assertTrue(epochs.get(0).get("validation_accuracy").isNull(), "infinite");
    assertEquals(0.875, epochs.get(1).get("train_accuracy").asDouble());
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void namesAndNumbersAreThoseOfTheCsv() throws IOException {
    MetricsCsv csv = new MetricsCsv(folder.resolve("metrics.csv"));
    MetricsJsonl lines = new MetricsJsonl(folder.resolve("metrics.jsonl"));
    Map<String, Double> metrics = new LinkedHashMap<>(Map.of("macro_f1", 1 / 7.0));
    metrics.put("balanced_accuracy", 2 / 7.0);
    EpochReport plain = new EpochReport(3, 1, 1, 1, 1, 1, 1, 1, metrics);
    EpochReport odd = new EpochReport(4, 1 / 3.0, 2 / 3.0, 1e-9, 1, 1e-3, 12345.678, 0.1, metrics);
    for (EpochReport epoch : List.of(plain, odd)) {
      csv.onEpoch(epoch);
      lines.onEpoch(epoch);
    }
    List<String> table = Files.readAllLines(folder.resolve("metrics.csv"));
    List<String> names = List.of(table.get(0).split(",", -1));
    List<JsonNode> epochs = read(folder.resolve("metrics.jsonl"));
    for (int i = 0; i < epochs.size(); i++) {
      List<String> keys = new ArrayList<>();
      epochs.get(i).fieldNames().forEachRemaining(keys::add);
      assertEquals(names, keys);
      String[] fields = table.get(i + 1).split(",", -1);
      for (int f = 0; f < fields.length; f++) {
        assertEquals(fields[f], epochs.get(i).get(names.get(f)).asText(), names.get(f));
      }
    }
  }

  @Test
  void aMetricThatIsNoNumberIsNull() throws IOException {
    EpochReport epoch = new EpochReport(1, 1, 1, 1, 1, 1, 1, 1, Map.of("kappa", Double.NaN));
    JsonNode json = new ObjectMapper().readTree(MetricsJsonl.json(epoch));
    assertTrue(json.get("validation_kappa").isNull());
  }

  @Test
  void aResumedRunKeepsTheEpochsBefore() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    MetricsJsonl lines = new MetricsJsonl(file);
    lines.onResume(List.of(FIRST));
    lines.onEpoch(SECOND);
    assertEquals(
        List.of(1, 2), read(file).stream().map(epoch -> epoch.get("epoch").asInt()).toList());
  }

  @Test
  void aFindingIsALineWhenItIsMade() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    MetricsJsonl lines = new MetricsJsonl(file);
    lines.onFinding(MadeUpFindings.NOTE);
    assertEquals(1, read(file).size(), "it does not wait for the epoch");
    lines.onEpoch(FIRST);
    lines.onFinding(MadeUpFindings.MECHANISM);
    List<JsonNode> all = read(file);
    assertEquals(List.of(true, false, true), all.stream().map(l -> l.has("finding")).toList());
    assertEquals(1, all.get(0).size());
    assertEquals(
        List.of(MadeUpFindings.NOTE, MadeUpFindings.MECHANISM), MetricsJsonl.findings(file));
  }

  /** What was found before the first epoch is found again, and must not be there twice. */
  @Test
  void aResumedRunKeepsTheFindingsOfItsEpochs() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    MetricsJsonl first = new MetricsJsonl(file);
    first.onStart(5);
    first.onFinding(MadeUpFindings.NOTE);
    first.onEpoch(FIRST);
    first.onFinding(MadeUpFindings.MECHANISM); // in epoch 2
    first.onEpoch(SECOND);
    Finding lost = MadeUpFindings.MECHANISM.at(Symptom.FLAT, 3, 900);
    first.onFinding(lost);
    MetricsJsonl again = new MetricsJsonl(file);
    again.onStart(5);
    again.onFinding(MadeUpFindings.NOTE);
    again.onResume(List.of(FIRST, SECOND));
    again.onEpoch(new EpochReport(3, 1, 1, 1, 1, 1, 1, 1));
    assertEquals(
        List.of("1", "finding 2", "2", "finding 0", "3"),
        read(file).stream()
            .map(
                line ->
                    line.has("finding")
                        ? "finding " + line.at("/finding/epoch").asInt()
                        : line.get("epoch").asText())
            .toList());
  }

  @Test
  void aFolderThatIsGoneIsNamed() {
    MetricsJsonl lines = new MetricsJsonl(folder.resolve("gone/metrics.jsonl"));
    String message = assertThrows(GradusException.class, () -> lines.onEpoch(SECOND)).getMessage();
    assertTrue(message.contains("gone/metrics.jsonl"), message);
  }

  /** docs/run-files.md has a row for each name, in the order of the file. */
  @Test
  void theSchemaIsDocumented() throws IOException {
    String page = Files.readString(Path.of("../docs/run-files.md"));
    String section = page.substring(page.indexOf("## metrics.csv"));
    section = section.substring(0, section.indexOf("\n## ", 1));
    List<String> documented =
        Pattern.compile("^\\| `(\\w+)` \\|", Pattern.MULTILINE)
            .matcher(section)
            .results()
            .map(row -> row.group(1))
            .toList();
    Path file = folder.resolve("metrics.jsonl");
    new MetricsJsonl(file).onEpoch(SECOND);
    List<String> written = new ArrayList<>();
    read(file).get(0).fieldNames().forEachRemaining(written::add);
    assertEquals(written, documented);
  }
}
