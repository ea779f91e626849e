package gradus.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opens the page in a real browser, where there is one: Debian's chromium. */
class RunReportBrowserTest {
  private static final List<String> CLASSES = List.of("cat", "</script><b>dog</b>", "truck");
  private static final int EPOCHS = 12;

  /** Asks each chart where its middle points are, what they mean, and what colour is there. */
  private static final String PROBE =
      """
      <script>
      const seen = {};
      for (const canvas of document.querySelectorAll('.chart canvas')) {
        const chart = Chart.getChart(canvas);
        const ratio = chart.currentDevicePixelRatio;
        seen[canvas.id] = chart.data.datasets.map((set, d) => {
          const i = Math.floor(set.data.length / 2);
          const point = chart.getDatasetMeta(d).data[i];
          const pixel = chart.ctx.getImageData(
              Math.round(point.x * ratio), Math.round(point.y * ratio) + 2, 1, 1).data;
          return {label: set.label, value: chart.scales.y.getValueForPixel(point.y),
            points: set.data.length, alpha: pixel[3]};
        });
      }
      seen.width = innerWidth;
      seen.overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth;
      const found = document.createElement('output');
      found.id = 'seen';
      found.textContent = JSON.stringify(seen);
      top.document.body.append(found);
      </script>
      """;

  private static final String FRAME =
      """
      <!DOCTYPE html>
      <body>
      <script>
      const frame = document.createElement('iframe');
      frame.style.cssText = 'border: 0; height: 800px; width: %dpx';
      frame.srcdoc = %s;
      document.body.append(frame);
      </script>
      """;

  @TempDir static Path folder;
  private static String browser;
  private static Path page;

  @BeforeAll
  static void write() {
    browser =
        Arrays.stream(System.getenv("PATH").split(":", -1))
            .map(place -> Path.of(place, "chromium"))
            .filter(Files::isExecutable)
            .map(Path::toString)
            .findFirst()
            .orElse(null);
    assumeTrue(browser != null, "chromium is not installed");
    page = folder.resolve("report.html");
    new MadeUpRun(folder, CLASSES, EPOCHS, 90, 16).write(Map.of()).report().write(page);
  }

  /** What a browser that opened the page says: the document on one stream, errors on the other. */
  private record Visit(String document, String errors) {
    static Visit of(Path file, String... options) throws IOException, InterruptedException {
      List<String> command =
          new ArrayList<>(
              List.of(
                  browser,
                  "--headless",
                  "--no-sandbox",
                  "--disable-gpu",
                  "--disable-dev-shm-usage",
                  "--disable-background-networking",
                  "--disable-component-update",
                  "--disable-features=NetworkTimeServiceQuerying",
                  "--no-first-run",
                  "--enable-logging=stderr",
                  "--user-data-dir=" + folder.resolve("profile"),
                  "--dump-dom"));
      command.addAll(List.of(options));
      command.add(file.toUri().toString());
      Path out = folder.resolve("document");
      Path err = folder.resolve("errors");
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      boolean ended = process.waitFor(3, TimeUnit.MINUTES);
      process.destroyForcibly();
      assertTrue(ended, "the browser did not end");
      return new Visit(Files.readString(out), Files.readString(err));
    }
  }

  /** What the probe saw in the page, in a frame of a given width: a window has a least one. */
  private static JsonNode probe(int width) throws IOException, InterruptedException {
    String open = // the probe is not among the scripts the policy lets run
        Files.readString(page)
            .replaceFirst("<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "")
            .replace("</body>", PROBE + "</body>");
    Path framed = folder.resolve("framed.html");
    Files.writeString(
        framed,
        FRAME.formatted(
            width, new ObjectMapper().writeValueAsString(open).replace("<", "\\u003c")));
    String document = Visit.of(framed, "--window-size=1300,900").document();
    Matcher seen = Pattern.compile("<output id=\"seen\">(.*?)</output>").matcher(document);
    assertTrue(seen.find(), "the probe did not run: " + document.length() + " characters");
    return new ObjectMapper().readTree(seen.group(1));
  }

  @Test
  void everyPartIsShownAndNothingIsRefusedOrFetched() throws IOException, InterruptedException {
    Visit visit = Visit.of(page, "--log-net-log=" + folder.resolve("net.json"));
    assertTrue(visit.document().contains("data-state=\"drawn\""), visit.errors());
    assertFalse(visit.errors().contains("CONSOLE"), visit.errors());
    assertFalse(visit.document().contains("<b>dog"), "a name became an element");
    assertTrue(visit.document().contains("&lt;/script&gt;&lt;b&gt;dog&lt;/b&gt;"));
    Matcher rows =
        Pattern.compile("<tr>")
            .matcher(visit.document().split("id=\"epochs\"", 2)[1].split("</table>", 2)[0]);
    assertEquals(1 + EPOCHS, rows.results().count());
    assertFalse(visit.document().contains(" hidden=\"\""), "a section is missing");
    assertEquals(List.of(), fetched(folder.resolve("net.json")));
  }

  /** A page that does load something is found out, so that the test above means something. */
  @Test
  void aRequestWouldBeSeen() throws IOException, InterruptedException {
    Path leak = folder.resolve("leak.html");
    Files.writeString(leak, "<!DOCTYPE html><img src=\"http://example.invalid/a.png\">");
    Path log = folder.resolve("leak.json");
    Visit.of(leak, "--log-net-log=" + log);
    assertTrue(fetched(log).contains("http://example.invalid/a.png"), fetched(log).toString());
  }

  /** What a page asked for; what the browser wants for itself has no origin. */
  private static List<String> fetched(Path log) throws IOException {
    return Pattern.compile(
            "\"initiator\":\"(?!not an origin)[^\"]*\"[^\\n]*\"url\":\"(https?:[^\"]*)")
        .matcher(Files.readString(log))
        .results()
        .map(request -> request.group(1))
        .toList();
  }

  @Test
  void theCurvesAreThoseOfTheCsv() throws IOException, InterruptedException {
    JsonNode seen = probe(1280);
    List<String> table = Files.readAllLines(folder.resolve("metrics.csv"));
    String[] names = table.get(0).split(",", -1);
    String[] middle = table.get(1 + EPOCHS / 2).split(",", -1);
    int compared = 0;
    for (int f = 1; f <= 5; f++) {
      String chart = names[f].equals("learning_rate") ? "rate" : names[f].replaceAll(".*_", "");
      double expected = Double.parseDouble(middle[f]) * (chart.equals("accuracy") ? 100 : 1);
      for (JsonNode curve : seen.get(chart)) {
        if (names[f].replace('_', ' ').startsWith(curve.get("label").asText())) {
          assertEquals(EPOCHS, curve.get("points").asInt());
          assertEquals(expected, curve.get("value").asDouble(), 1e-4 * expected, names[f]);
          assertTrue(curve.get("alpha").asInt() > 0, names[f] + " is not drawn");
          compared++;
        }
      }
    }
    assertEquals(5, compared, seen.toString());
    assertEquals(15, seen.at("/sureness/0/points").asInt());
    assertTrue(seen.get("loss").toString().contains("best epoch (7)"), seen.toString());
  }

  @Test
  void theDiagnosisStandsAboveTheCurvesWithItsEvidenceDrawn()
      throws IOException, InterruptedException {
    String document = Visit.of(page).document();
    int verdict = document.indexOf("Learning rate too high.</strong> The steps overshoot");
    assertTrue(verdict > 0 && verdict < document.indexOf("id=\"curves\""), "at " + verdict);
    assertTrue(document.contains("<code>./gradus train … --lr 0.02 --warmup 200</code>"));
    assertTrue(document.contains("<code>SGD.of(model.parameters()).learningRate(0.02)</code>"));
    assertTrue(document.contains("<details id=\"notes\"><summary"), "notes are folded away");
    JsonNode seen = probe(1280);
    JsonNode trial = seen.get("evidence-0");
    assertEquals("as it is", trial.at("/0/label").asText());
    double middle = MadeUpFindings.CAUSE.evidence().get(0).chart().lines().get(1).y().get(20);
    assertEquals(middle, trial.at("/1/value").asDouble(), 1e-3 * middle);
    for (String id : List.of("evidence-0", "evidence-1", "gradient-rms", "update-ratio")) {
      assertFalse(seen.get(id).isEmpty(), id);
      for (JsonNode line : seen.get(id)) {
        assertTrue(line.get("alpha").asInt() > 0, id + ": " + line + " is not drawn");
      }
    }
    assertEquals(6, seen.get("update-ratio").size());
  }

  @Test
  void aPhoneShowsItWithoutScrollingSideways() throws IOException, InterruptedException {
    JsonNode seen = probe(390);
    assertEquals(390, seen.get("width").asInt());
    assertEquals(0, seen.get("overflow").asInt());
  }
}
