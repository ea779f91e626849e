package gradus.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.GradusException;
import gradus.doctor.Finding;
import gradus.train.EpochReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunReportTest {
  private static final String HOSTILE = "</script><script>alert(1)</script><img src=x onerror=a>&";

  @TempDir Path folder;

  private static List<String> classes(int count) {
    return IntStream.range(0, count).mapToObj(c -> "class " + c).toList();
  }

  private String page(RunReport report) throws IOException {
    Path html = folder.resolve("report.html");
    report.write(html);
    return Files.readString(html);
  }

  /** The JSON block as a browser reads it: up to the next end of a script. */
  private static JsonNode block(String page) throws IOException {
    String start = "<script id=\"page-data\" type=\"application/json\">";
    int from = page.indexOf(start) + start.length();
    return new ObjectMapper().readTree(page.substring(from, page.indexOf("</script", from)));
  }

  @Test
  void theNumbersAreThoseOfTheCsv() throws IOException {
    MadeUpRun run = new MadeUpRun(folder, classes(10), 7, 100, 16).write(Map.of());
    JsonNode data = block(page(run.report()));
    List<String> table = Files.readAllLines(folder.resolve("metrics.csv"));
    List<String> names = List.of(table.get(0).split(",", -1));
    assertEquals(8, names.size());
    assertEquals(7, data.get("epochs").size());
    for (int i = 0; i < 7; i++) {
      String[] fields = table.get(i + 1).split(",", -1);
      for (int f = 0; f < fields.length; f++) {
        assertEquals(fields[f], data.get("epochs").get(i).get(names.get(f)).asText());
      }
    }
    assertEquals(run.best(), data.at("/best/epoch").asInt());
    assertEquals("validation accuracy", data.at("/best/by").asText());
  }

  /** As the weights in best.safetensors are, whatever early stopping watches. */
  @ParameterizedTest
  @ValueSource(strings = {"validation-loss", "validation-accuracy"})
  void theBestEpochIsTheOneWhoseWeightsAreKept(String monitor) throws IOException {
    MadeUpRun run = new MadeUpRun(folder, classes(3), 2, 30, 8).write(Map.of("monitor", monitor));
    Files.writeString(
        folder.resolve("metrics.jsonl"),
        """
        {"epoch":1,"validation_loss":0.1,"validation_accuracy":0.5}
        {"epoch":2,"validation_loss":0.2,"validation_accuracy":0.6}
        {"epoch":3,"validation_loss":null,"validation_accuracy":0.6}
        """);
    JsonNode best = run.report().data().get("best");
    assertEquals(2, best.get("epoch").asInt(), "the first of the best");
    assertEquals("validation accuracy", best.get("by").asText());
    Files.writeString(folder.resolve("metrics.jsonl"), "{\"epoch\":1,\"validation_loss\":null}\n");
    assertTrue(run.report().data().get("best").isNull(), "nothing was validated");
  }

  @Test
  void aMetricThatIsWatchedMarksTheBestEpoch() throws IOException {
    MadeUpRun run =
        new MadeUpRun(folder, classes(3), 2, 30, 8).write(Map.of("monitor", "validation-macro-f1"));
    Files.writeString(
        folder.resolve("metrics.jsonl"),
        """
        {"epoch":1,"validation_loss":0.1,"validation_accuracy":0.9,"validation_macro_f1":0.5}
        {"epoch":2,"validation_loss":0.2,"validation_accuracy":0.6,"validation_macro_f1":0.75}
        {"epoch":3,"validation_loss":0.3,"validation_accuracy":0.6,"validation_macro_f1":null}
        """);
    JsonNode data = run.report().data();
    assertEquals(2, data.at("/best/epoch").asInt());
    assertEquals("validation macro f1", data.at("/best/by").asText());
    assertEquals("validation_macro_f1", data.at("/best/field").asText());
    assertEquals(0.75, data.at("/epochs/1/validation_macro_f1").asDouble());
  }

  @Test
  void whatTheTestCameToIsThere() throws IOException {
    MadeUpRun run = new MadeUpRun(folder, classes(4), 2, 200, 16).write(Map.of());
    JsonNode test = block(page(run.report())).get("test");
    long[][] counts = new long[4][4];
    test.get("confusion")
        .forEach(cell -> counts[cell.get(0).asInt()][cell.get(1).asInt()] = cell.get(2).asLong());
    long right = 0;
    for (int c = 0; c < 4; c++) {
      JsonNode scores = test.get("classes").get(c);
      assertEquals(50, scores.get("support").asLong());
      assertEquals(counts[c][c] / 50.0, scores.get("recall").asDouble(), 1e-12);
      right += counts[c][c];
    }
    assertEquals(right / 200.0, test.get("accuracy").asDouble(), 1e-12);
    assertTrue(right < 200, "there is something to show");
    double before = 1;
    for (JsonNode mistake : test.get("mistakes")) {
      assertTrue(mistake.get("confidence").asDouble() <= before, "the surest first");
      assertTrue(mistake.get("predicted").asInt() != mistake.get("label").asInt());
      assertTrue(mistake.get("image").asText().startsWith("data:image/png;base64,iVBOR"));
      before = mistake.get("confidence").asDouble();
    }
    assertEquals(Math.min(24, 200 - right), test.get("mistakes").size());
    int inBins = 0;
    for (JsonNode bin : test.get("reliability")) {
      inBins += bin.get("examples").asInt();
    }
    assertEquals(200, inBins);
  }

  @Test
  void theDiagnosisIsThatOfTheRecord() throws IOException {
    MadeUpRun run = new MadeUpRun(folder, classes(3), 3, 30, 8).write(Map.of());
    JsonNode data = block(page(run.report()));
    assertEquals(onPage(MadeUpFindings.all()), data.get("findings").toString());
    assertTrue(data.at("/run/findings").isMissingNode(), "it is there once");
    assertEquals(6, data.at("/vitals/gradient_rms").size());
    assertEquals(40, data.at("/vitals/update_ratio/0/y").size());
  }

  /**
   * As elsewhere, and with what to type: the run's own command line, the remedy's options in it.
   */
  private static String onPage(List<Finding> findings) {
    ArrayNode array = FindingJson.of(findings);
    for (JsonNode finding : array) {
      String option = finding.at("/remedy/option").asText(null);
      if (option != null && !option.equals("null")) {
        ((ObjectNode) finding.get("remedy"))
            .put("command", "./gradus train --model resnet20 " + option);
      }
    }
    return array.toString();
  }

  /** A run that still goes on, or was killed, has a record without findings. */
  @Test
  void whatWasFoundIsThereBeforeTheRunHasEnded() throws IOException {
    MadeUpRun run = new MadeUpRun(folder, classes(3), 2, 30, 8).write(Map.of());
    Path record = folder.resolve("run.json");
    ObjectNode json = (ObjectNode) new ObjectMapper().readTree(record.toFile());
    Files.writeString(record, json.putNull("findings").toString());
    JsonNode nothing = run.report().data().get("findings");
    assertTrue(nothing.isArray() && nothing.isEmpty(), "watched, and nothing found");
    MetricsJsonl lines = new MetricsJsonl(folder.resolve("metrics.jsonl"));
    lines.onFinding(MadeUpFindings.NOTE);
    lines.onFinding(MadeUpFindings.CAUSE.as(Finding.Role.NOTE));
    lines.onEpoch(new EpochReport(1, 1, 1, 1, 1, 1, 1, 1));
    lines.onFinding(MadeUpFindings.CAUSE);
    JsonNode data = run.report().data();
    assertEquals(1, data.get("epochs").size(), "a finding is no epoch");
    assertEquals(
        onPage(List.of(MadeUpFindings.CAUSE, MadeUpFindings.NOTE)),
        data.get("findings").toString(),
        "the cause first, and said once");
  }

  @Test
  void withoutADoctorThereIsNoDiagnosis() throws IOException {
    MadeUpRun run = new MadeUpRun(folder, classes(3), 2, 30, 8).write(Map.of("doctor", "off"));
    JsonNode data = block(page(run.report()));
    assertTrue(data.get("findings").isNull());
    assertTrue(data.get("vitals").isNull());
  }

  @Test
  void namesThatLookLikeScriptsStayText() throws IOException {
    Path hostile = Files.createDirectories(folder.resolve("<b>&run"));
    MadeUpRun run =
        new MadeUpRun(hostile, List.of(HOSTILE, "{{data}}", "__proto__"), 2, 90, 8)
            .write(Map.of("data_dir", HOSTILE, HOSTILE, "{{script}} <!--"));
    String page = page(run.report());
    assertFalse(page.contains("alert(1)</script>"), "an end of a script came through");
    assertFalse(page.contains("<img"), "an element came through");
    assertFalse(page.contains("<b>&run"), "the name of the folder came through");
    JsonNode data = block(page);
    assertEquals("<b>&run", data.get("title").asText());
    assertEquals(HOSTILE, data.at("/run/data/classes/0").asText());
    assertEquals("{{data}}", data.at("/test/classes/1/name").asText());
    assertEquals(HOSTILE, data.at("/run/configuration/data_dir").asText());
    assertEquals("{{script}} <!--", data.at("/run/configuration").get(HOSTILE).asText());
    assertTrue(data.at("/test/mistakes/0/name").asText().contains("/picture-"));
    for (String name : List.of("report.js", "diagnosis.js")) {
      String script =
          new String(
              RunReport.class.getResourceAsStream("/gradus/report/" + name).readAllBytes(),
              java.nio.charset.StandardCharsets.UTF_8);
      for (String way : List.of("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write")) {
        assertFalse(script.contains(way), name + ": text becomes elements by " + way);
      }
    }
  }

  @Test
  void nothingIsLoadedAndThePolicyForbidsIt() throws IOException {
    String page = page(new MadeUpRun(folder, classes(3), 2, 30, 8).write(Map.of()).report());
    Pattern loads =
        Pattern.compile(
            "(?i)<(?:link|iframe|object|embed|base)\\b|\\b(?:src|href|action)\\s*=\\s*[\"']?https?:"
                + "|@import|url\\(\\s*[\"']?https?:|sourceMappingURL|<script[^>]*\\ssrc");
    var found = loads.matcher(page);
    assertFalse(found.find(), () -> found.group());
    assertTrue(page.contains("content=\"default-src 'none'; img-src data:; style-src 'sha256-"));
    assertFalse(page.contains("unsafe-"), "the policy has no hole");
    assertFalse(page.contains("{{"), "every place is filled");
    assertTrue(page.contains("Chart.js v4"), "with its license");
  }

  @Test
  void aHundredEpochsAndManyClassesStaySmall() throws IOException {
    MadeUpRun run = new MadeUpRun(folder, classes(100), 100, 10_000, 224).write(Map.of());
    int bytes = page(run.report()).length();
    assertTrue(bytes < 3_000_000, bytes + " bytes");
  }

  @Test
  void whatIsMissingIsLeftOut() throws IOException {
    MadeUpRun run = new MadeUpRun(folder, classes(3), 2, 30, 8).write(Map.of());
    Files.delete(folder.resolve("run.json"));
    Files.delete(folder.resolve("test.json"));
    JsonNode data = block(page(run.report()));
    assertTrue(data.get("run").isNull());
    assertTrue(data.get("test").isNull());
    assertEquals(2, data.get("epochs").size());
    Files.delete(folder.resolve("metrics.jsonl"));
    String message = assertThrows(GradusException.class, () -> run.report().data()).getMessage();
    assertTrue(message.contains("metrics.jsonl"), message);
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    MadeUpRun run = new MadeUpRun(folder, classes(3), 2, 30, 8).write(Map.of());
    List<String> lines = new ArrayList<>(Files.readAllLines(folder.resolve("metrics.jsonl")));
    lines.set(1, lines.get(1).substring(0, 20));
    Files.write(folder.resolve("metrics.jsonl"), lines);
    String message = assertThrows(GradusException.class, () -> run.report().data()).getMessage();
    assertTrue(message.contains("metrics.jsonl, line 2 is damaged"), message);
    Files.writeString(folder.resolve("run.json"), "[1]");
    message = assertThrows(GradusException.class, () -> run.report().data()).getMessage();
    assertTrue(message.contains("run.json is damaged"), message);
  }
}
