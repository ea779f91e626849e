package gradus.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gradus.page.tck.Browser;
import gradus.page.tck.Curve;
import gradus.page.tck.OpenPage;
import gradus.page.tck.Screen;
import gradus.train.EpochReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Opens the page in a real browser, where there is one. Pictures of it lie in target/pages. */
class RunReportBrowserTest {
  private static final List<String> CLASSES = List.of("cat", "</script><b>dog</b>", "truck");
  private static final int EPOCHS = 12;

  @TempDir static Path folder;
  private static Browser browser;
  private static Path page;

  @BeforeAll
  static void write() throws IOException, InterruptedException {
    browser = Browser.start(folder);
    page = folder.resolve("report.html");
    new MadeUpRun(folder, CLASSES, EPOCHS, 90, 16).write(Map.of()).report().write(page);
  }

  @AfterAll
  static void end() {
    if (browser != null) {
      browser.close();
    }
  }

  private static OpenPage open(Path file, Screen screen) throws InterruptedException {
    OpenPage open = browser.open(file.toUri(), screen);
    open.await("document.documentElement.dataset.state === 'drawn'");
    return open;
  }

  private static List<Screen> screens() {
    return Screen.all();
  }

  @ParameterizedTest
  @MethodSource("screens")
  void isDrawnAndLoadsNothingOnEveryScreen(Screen screen) throws IOException, InterruptedException {
    try (OpenPage open = open(page, screen)) {
      open.requireSound(page.toUri());
      assertEquals(9, open.curves().stream().map(Curve::chart).distinct().count());
      open.screenshot(
          Files.createDirectories(Path.of("target/pages")).resolve("report-" + screen + ".png"));
    }
  }

  @Test
  void everyPartIsShownAndNamesAreText() throws InterruptedException {
    try (OpenPage open = open(page, Screen.DESKTOP)) {
      assertEquals(
          0, open.evaluate("document.querySelectorAll('section[hidden], b').length").asInt());
      assertTrue(open.texts("#per-class th").contains("</script><b>dog</b>"));
      assertEquals(
          1 + EPOCHS, open.evaluate("document.querySelectorAll('#epochs tr').length").asInt());
      assertEquals(PictureRecord.PICTURES * (1 + PictureRecord.VIEWS), pictures(open));
    }
  }

  @Test
  void theDiagnosisStandsAboveTheCurvesWithItsEvidenceDrawn() throws InterruptedException {
    try (OpenPage open = open(page, Screen.DESKTOP)) {
      assertEquals("diagnosis", open.evaluate("document.querySelector('section').id").asText());
      String verdict = open.texts("#verdict").get(0);
      assertTrue(verdict.startsWith("Learning rate too high. The steps overshoot"), verdict);
      assertEquals(
          List.of(
              "./gradus train --model resnet20 --lr 0.02 --warmup 200",
              "SGD.of(model.parameters()).learningRate(0.02)"),
          open.texts("#findings code"));
      assertFalse(open.evaluate("document.getElementById('notes').open").asBoolean(), "folded");
      Curve trial = open.curve("evidence-0", "a tenth of the learning rate");
      List<Double> expected = MadeUpFindings.CAUSE.evidence().get(0).chart().lines().get(1).y();
      assertEquals(expected.size(), trial.y().size());
      for (int i = 0; i < expected.size(); i++) {
        assertEquals(expected.get(i), trial.y().get(i), 1e-3);
      }
      for (String layer : List.of("conv1", "conv6")) {
        assertEquals(40, open.curve("gradient-rms", layer).y().size());
        assertEquals(40, open.curve("update-ratio", layer).y().size());
      }
    }
  }

  /** A run that went well is told so, and nothing else. */
  @Test
  void withoutAFindingNothingAlarms() throws IOException, InterruptedException {
    Path well = Files.createDirectory(folder.resolve("well"));
    RunReport report = new MadeUpRun(well, CLASSES, 3, 90, 16).write(Map.of()).report();
    Path record = well.resolve("run.json");
    ObjectMapper json = new ObjectMapper();
    ObjectNode run = (ObjectNode) json.readTree(record.toFile());
    run.putArray("findings");
    Files.writeString(record, run.toString());
    Path html = well.resolve("report.html");
    report.write(html);
    try (OpenPage open = open(html, Screen.PHONE)) {
      open.requireSound(html.toUri());
      assertTrue(open.texts("#verdict").get(0).startsWith("No finding."));
      assertEquals(List.of(""), open.texts("#findings"));
      assertTrue(open.evaluate("document.getElementById('notes').hidden").asBoolean());
    }
  }

  /** How many of the training pictures the browser could decode. */
  private static int pictures(OpenPage open) {
    return open.evaluate(
            "Array.from(document.querySelectorAll('#picture-list img'))"
                + ".filter((image) => image.complete && image.naturalWidth === 16).length")
        .asInt();
  }

  @Test
  void theCurvesAreThoseOfTheCsv() throws IOException, InterruptedException {
    List<String[]> table =
        Files.readAllLines(folder.resolve("metrics.csv")).stream()
            .map(line -> line.split(",", -1))
            .toList();
    try (OpenPage open = open(page, Screen.PHONE)) {
      requireColumn(open.curve("loss", "train"), table, 1, 1);
      requireColumn(open.curve("accuracy", "train"), table, 2, 100);
      requireColumn(open.curve("loss", "validation"), table, 3, 1);
      requireColumn(open.curve("accuracy", "validation"), table, 4, 100);
      requireColumn(open.curve("rate", "learning rate"), table, 5, 1);
      Curve best = open.curve("loss", "best epoch (7)");
      assertEquals(7, best.x().get(0), 1e-6);
      assertEquals(Double.parseDouble(table.get(7)[3]), best.y().get(0), 1e-4);
      assertFalse(open.curve("sureness", "images").y().isEmpty());
    }
  }

  /** A run that measured none has no such chart: {@link #isDrawnAndLoadsNothingOnEveryScreen}. */
  @ParameterizedTest
  @MethodSource("screens")
  void metricsHaveAChartColumnsAndATile(Screen screen) throws IOException, InterruptedException {
    Path measured = Files.createDirectories(folder.resolve("measured-" + screen));
    RunReport report =
        new MadeUpRun(measured, CLASSES, 6, 90, 16)
            .write(Map.of("monitor", "validation-macro-f1"))
            .report();
    MetricsJsonl lines = new MetricsJsonl(measured.resolve("metrics.jsonl"));
    for (int epoch = 1; epoch <= 6; epoch++) {
      double done = (double) epoch / 6;
      Map<String, Double> metrics = new LinkedHashMap<>();
      metrics.put("macro_f1", epoch == 4 ? 0.81 : 0.8 * done);
      metrics.put("macro_precision", 0.2 + 0.6 * done);
      metrics.put("balanced_accuracy", epoch == 2 ? Double.NaN : 0.1 + 0.65 * done);
      lines.onEpoch(
          new EpochReport(epoch, 2 - done, done, 1.5 - done, 0.9 * done, 0.1, 12, 3600, metrics));
    }
    Path html = measured.resolve("report.html");
    report.write(html);
    try (OpenPage open = open(html, screen)) {
      open.requireSound(html.toUri());
      Curve macroF1 = open.curve("metrics", "macro f1");
      assertEquals(6, macroF1.y().size());
      assertEquals(0.81, macroF1.y().get(3), 1e-4);
      Curve best = open.curve("metrics", "best epoch (4)");
      assertEquals(0.81, best.y().get(0), 1e-4);
      assertTrue(open.texts("#tiles dt").contains("Validation macro f1"));
      assertTrue(open.texts("#best-note").get(0).contains("is 4, by validation macro f1"));
      open.evaluate("document.querySelector('#curves details').open = true");
      List<String> headings = open.texts("#epochs thead th");
      assertEquals("Val. macro precision", headings.get(6));
      assertEquals("0.8100", open.texts("#epochs tbody tr:nth-child(4) td").get(4));
      open.screenshot(
          Files.createDirectories(Path.of("target/pages"))
              .resolve("report-metrics-" + screen + ".png"));
    }
  }

  private static void requireColumn(Curve curve, List<String[]> table, int column, double factor) {
    double[] expected =
        IntStream.rangeClosed(1, EPOCHS)
            .mapToDouble(row -> factor * Double.parseDouble(table.get(row)[column]))
            .toArray();
    assertEquals(EPOCHS, curve.y().size(), curve.label());
    for (int i = 0; i < EPOCHS; i++) {
      assertEquals(i + 1, curve.x().get(i), 1e-6);
      assertEquals(expected[i], curve.y().get(i), 1e-4 * expected[i], table.get(0)[column]);
    }
  }

  /** A curve that is not drawn is found out, so that the tests above mean something. */
  @Test
  void aMissingCurveWouldBeSeen() throws InterruptedException {
    try (OpenPage open = open(page, Screen.DESKTOP)) {
      open.evaluate("Chart.getChart('rate').hide(0)");
      assertEquals(0, open.curve("rate", "learning rate").drawn());
      assertThrows(AssertionError.class, () -> open.requireSound(page.toUri()));
      open.evaluate("Chart.getChart('rate').show(0)");
      open.evaluate(
          "const context = document.getElementById('loss').getContext('2d');"
              + "context.clearRect(0, 0, 2000, 2000)");
      assertEquals(0, open.curve("loss", "train").drawn());
    }
  }

  /** A second is what a person waits for a page; five, because tests share their machine. */
  @Test
  void aHundredEpochsOpenAtOnce() throws IOException, InterruptedException {
    Path large = Files.createDirectory(folder.resolve("large"));
    Path html = large.resolve("report.html");
    List<String> classes = IntStream.range(0, 100).mapToObj(c -> "class " + c).toList();
    new MadeUpRun(large, classes, 100, 10_000, 224).write(Map.of()).report().write(html);
    assertTrue(Files.size(html) < 3_000_000, Files.size(html) + " bytes");
    try (OpenPage open = open(html, Screen.DESKTOP)) {
      open.requireSound(html.toUri());
      double millis =
          open.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd").asDouble();
      assertTrue(millis > 0 && millis < 5000, millis + " ms");
    }
  }
}
