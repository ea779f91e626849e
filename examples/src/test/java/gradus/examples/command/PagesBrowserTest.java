package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import gradus.examples.TestBackend;
import gradus.page.tck.Browser;
import gradus.page.tck.Curve;
import gradus.page.tck.OpenPage;
import gradus.page.tck.Screen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Opens what the commands leave for a browser in a real one, where there is one. Pictures of the
 * pages lie in target/pages.
 */
class PagesBrowserTest {
  private static final int EPOCHS = 3;

  @TempDir static Path folder;
  private static Browser browser;

  @BeforeAll
  static void write() throws IOException, InterruptedException {
    browser = Browser.start(Files.createDirectory(folder.resolve("browser")));
    run("train", "--epochs", "3", "--augment", "crop,mixup", "--out", path("runs/first"));
    run(
        "train",
        "--epochs",
        "3",
        "--optimizer",
        "adam",
        "--batch",
        "20",
        "--out",
        path("runs/second"));
    Outcome.of("compare", path("runs/first"), path("runs/second"), "--html", path("compare.html"))
        .succeeded();
    run(
        "search",
        "--lr",
        "0.001..0.1",
        "--batch",
        "16,32",
        "--optimizer",
        "sgd,adamw",
        "--trials",
        "5",
        "--epochs",
        "3",
        "--out",
        path("search"));
    run("lr-find", "--batch", "8", "--html", path("sweep.html"));
  }

  private static void run(String command, String... options) {
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.addAll(
        List.of("--model", "lenet", "--backend", TestBackend.name(), "--threads", "1"));
    if (!command.equals("lr-find")) {
      arguments.addAll(List.of("--limit", "200"));
    }
    arguments.addAll(List.of(options));
    Outcome.of(arguments.toArray(new String[0])).succeeded();
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  @AfterAll
  static void end() {
    if (browser != null) {
      browser.close();
    }
  }

  private static OpenPage open(String name, Screen screen) throws InterruptedException {
    return browser.open(folder.resolve(name).toUri(), screen);
  }

  private static List<Screen> screens() {
    return Screen.all();
  }

  @ParameterizedTest
  @MethodSource("screens")
  void everyPageIsSoundOnEveryScreen(Screen screen) throws IOException, InterruptedException {
    Path pictures = Files.createDirectories(Path.of("target/pages"));
    for (String page :
        List.of(
            "compare.html",
            "search/search.html",
            "sweep.html",
            "runs/first/report.html",
            "runs/second/report.html")) {
      try (OpenPage open = open(page, screen)) {
        open.requireSound(folder.resolve(page).toUri());
        assertTrue(!open.curves().isEmpty(), page);
        String name = page.replaceAll("/(search|report)|\\.html|runs/", "");
        open.screenshot(pictures.resolve(name + "-" + screen + ".png"));
      }
    }
  }

  /** A column of a CSV file, without its heading. */
  private static List<Double> column(String file, String name) throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve(file));
    int column = List.of(lines.get(0).split(",", -1)).indexOf(name);
    return lines.stream()
        .skip(1)
        .map(line -> line.split(",", -1)[column])
        .filter(text -> !text.isEmpty())
        .map(Double::parseDouble)
        .toList();
  }

  private static void requireNear(List<Double> expected, List<Double> found, double factor) {
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < expected.size(); i++) {
      double value = factor * expected.get(i);
      assertEquals(value, found.get(i), 1e-4 * Math.abs(value) + 1e-6);
    }
  }

  @Test
  void comparedCurvesAreThoseOfTheCsv() throws IOException, InterruptedException {
    try (OpenPage open = open("compare.html", Screen.PHONE)) {
      assertEquals(8, open.curves().size());
      for (String run : List.of("first", "second")) {
        String csv = "runs/" + run + "/metrics.csv";
        assertEquals(EPOCHS, column(csv, "epoch").size());
        Curve loss = open.curve("Validation loss of each run by epoch", run);
        requireNear(column(csv, "epoch"), loss.x(), 1);
        requireNear(column(csv, "validation_loss"), loss.y(), 1);
        Curve accuracy = open.curve("Validation accuracy in % of each run by epoch", run);
        requireNear(column(csv, "validation_accuracy"), accuracy.y(), 100);
        Curve training = open.curve("Training loss of each run by epoch", run);
        requireNear(column(csv, "train_loss"), training.y(), 1);
        Curve rate = open.curve("Learning rate of each run by epoch", run);
        requireNear(column(csv, "learning_rate"), rate.y(), 1);
      }
    }
  }

  @Test
  void searchedTrialsAreThoseOfTheCsv() throws IOException, InterruptedException {
    List<Double> accuracies = column("search/trials.csv", "validation_accuracy");
    List<Double> rates = column("search/trials.csv", "lr");
    try (OpenPage open = open("search/search.html", Screen.DESKTOP)) {
      Curve dots = open.curve("Validation accuracy of each trial by lr", "");
      requireNear(rates, dots.x(), 1);
      requireNear(accuracies, dots.y(), 100);
      List<String> cells =
          accuracies.stream()
              .sorted(Comparator.reverseOrder())
              .map(accuracy -> String.format(Locale.ROOT, "%.2f %%", 100 * accuracy))
              .toList();
      assertEquals(cells, open.texts("#trials td:nth-child(4)"), "the best first");
      JsonNode lines =
          open.evaluate(
              "Array.from(document.querySelectorAll('#lines path'), (path) => ({"
                  + "width: path.getBoundingClientRect().width,"
                  + "stroke: getComputedStyle(path).stroke}))");
      assertEquals(accuracies.size(), lines.size());
      for (JsonNode line : lines) {
        assertTrue(line.get("width").asDouble() > 300, lines.toString());
        assertTrue(!line.get("stroke").asText().equals("none"), lines.toString());
      }
      assertEquals(
          List.of("lr", "batch", "optimizer", "validation accuracy"),
          open.texts("#lines .name"),
          "the model is the same in every trial, and no axis");
    }
  }

  @Test
  void theSweepIsDrawnWithItsSuggestion() throws InterruptedException {
    try (OpenPage open = open("sweep.html", Screen.PHONE)) {
      Curve smoothed = open.curve("curve", "smoothed");
      assertTrue(smoothed.x().size() > 50, smoothed.toString());
      Curve suggested = open.curve("curve", "suggested");
      double rate =
          Double.parseDouble(
              open.texts("#suggestion").get(0).replaceAll(".*--lr ([^ .]*\\.?\\d*).*", "$1"));
      assertEquals(rate, suggested.x().get(0), 0.06 * rate);
    }
  }
}
