package gradus.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.page.tck.Browser;
import gradus.page.tck.OpenPage;
import gradus.page.tck.Screen;
import gradus.report.MetricsCsv;
import gradus.report.MetricsJsonl;
import gradus.report.RunReport;
import gradus.train.EpochReport;
import gradus.train.StepReport;
import gradus.train.StopReason;
import gradus.train.TrainingReport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Watches a run that is still going on in a real browser, where there is one. */
class DashboardBrowserTest {
  private static final int EPOCHS = 4;
  private static final String LINE = "document.getElementById('live').textContent";

  @TempDir static Path profile;
  @TempDir Path folder;
  private static Browser browser;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    browser = Browser.start(profile);
  }

  @AfterAll
  static void end() {
    if (browser != null) {
      browser.close();
    }
  }

  private static List<Screen> screens() {
    return Screen.all();
  }

  private static EpochReport epoch(int number) {
    double loss = 2.0 / number;
    return new EpochReport(
        number, loss, 1 - 0.4 * loss, loss + 0.1, 0.9 - 0.4 * loss, 0.1 / number, 3, 1000);
  }

  /** A run that tells what it does when it is told to. */
  private final class Run implements AutoCloseable {
    final List<EpochReport> done = new ArrayList<>();
    final Dashboard dashboard;
    private final MetricsCsv csv = new MetricsCsv(folder.resolve("metrics.csv"));
    private final MetricsJsonl lines = new MetricsJsonl(folder.resolve("metrics.jsonl"));

    Run() {
      RunReport report =
          new RunReport(
              "a run",
              folder.resolve("run.json"),
              folder.resolve("metrics.jsonl"),
              folder.resolve("test.json"),
              folder.resolve("pictures.json"));
      dashboard =
          Dashboard.start(report, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      dashboard.onStart(EPOCHS);
      epoch();
    }

    void epoch() {
      EpochReport epoch = DashboardBrowserTest.epoch(done.size() + 1);
      done.add(epoch);
      csv.onEpoch(epoch);
      lines.onEpoch(epoch);
      dashboard.onEpoch(epoch);
    }

    /** As a loop does: often, and some of it is passed on. */
    void steps() throws InterruptedException {
      for (int step = 1; step <= 60; step++) {
        dashboard.onStep(new StepReport(done.size() + 1, step, 100, 64, 0.5f, 48, 0.1));
        Thread.sleep(10);
      }
    }

    void end() {
      dashboard.onEnd(new TrainingReport(done, StopReason.COMPLETED, 400, 12, 1000));
    }

    @Override
    public void close() {
      dashboard.close();
    }
  }

  @Test
  void stepsAndEpochsArriveWhileThePageIsOpen() throws IOException, InterruptedException {
    try (Run run = new Run();
        OpenPage page = browser.open(run.dashboard.uri(), Screen.DESKTOP)) {
      page.await("Chart.getChart('loss').data.datasets.length > 0");
      assertEquals(List.of(2.0), rounded(page.curve("loss", "train").y()));
      run.steps();
      page.await(LINE + ".includes('Epoch 2 of 4')");
      String line = page.evaluate(LINE).asText();
      assertTrue(line.contains("loss 0.5000") && line.contains("accuracy 75.00 %"), line);
      for (int epochs = 2; epochs <= EPOCHS; epochs++) {
        run.epoch();
        page.await("Chart.getChart('loss').data.datasets.at(-1).data.length === " + epochs);
        assertEquals(column(1), rounded(page.curve("loss", "train").y()));
        assertEquals(column(3), rounded(page.curve("loss", "validation").y()));
        assertTrue(page.curve("loss", "train").drawn() > 0.9);
      }
      run.end();
      page.await(LINE + ".includes('Training has ended')");
      page.requireSound(run.dashboard.uri());
      assertEquals(
          List.of(run.dashboard.uri().toString(), run.dashboard.uri() + "events"),
          page.requests().stream().distinct().toList());
    }
  }

  private static double near(double value) {
    return Math.round(value * 1e5) / 1e5;
  }

  private static List<Double> rounded(List<Double> values) {
    return values.stream().map(DashboardBrowserTest::near).toList();
  }

  private List<Double> column(int number) throws IOException {
    return Files.readAllLines(folder.resolve("metrics.csv")).stream()
        .skip(1)
        .map(line -> near(Double.parseDouble(line.split(",", -1)[number])))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("screens")
  void isSoundOnEveryScreen(Screen screen) throws IOException, InterruptedException {
    try (Run run = new Run()) {
      run.epoch();
      run.epoch();
      try (OpenPage page = browser.open(run.dashboard.uri(), screen)) {
        run.steps();
        page.await(LINE + ".includes('Epoch 4 of 4')");
        page.requireSound(run.dashboard.uri());
        Path pictures = Files.createDirectories(Path.of("target/pages"));
        page.screenshot(pictures.resolve("dashboard-" + screen + ".png"));
      }
    }
  }

  @Test
  void aRunThatIsGoneIsSaidToBe() throws InterruptedException {
    try (Run run = new Run();
        OpenPage page = browser.open(run.dashboard.uri(), Screen.DESKTOP)) {
      page.await("Chart.getChart('loss').data.datasets.length > 0");
      run.dashboard.close();
      page.await(LINE + ".includes('the run may have ended')");
    }
  }
}
