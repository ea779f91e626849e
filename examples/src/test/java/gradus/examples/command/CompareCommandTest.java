package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import gradus.report.RecordedRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareCommandTest {
  @TempDir Path scratch;

  private String train(String name, String... more) throws IOException {
    Path pictures = scratch.resolve("pictures");
    if (!Files.exists(pictures)) {
      pictures = TestPictures.folder(scratch, 20);
    }
    String out = scratch.resolve(name).toString();
    List<String> arguments =
        new ArrayList<>(List.of("train", "--data", "folder", "--data-dir", pictures.toString()));
    arguments.addAll(List.of("--image-size", "8", "--model", "simplecnn", "--epochs", "2"));
    arguments.addAll(List.of("--backend", TestBackend.name(), "--threads", "1", "--out", out));
    arguments.addAll(List.of(more));
    Outcome.of(arguments.toArray(new String[0])).succeeded();
    return out;
  }

  /** The lines of a section, without its heading. */
  private static List<String> section(String text, String title) {
    return text.lines()
        .dropWhile(line -> !line.startsWith(title))
        .skip(1)
        .takeWhile(line -> !line.isBlank())
        .map(String::strip)
        .toList();
  }

  @Test
  void oneFlagIsTheOneDifference() throws IOException {
    String first = train("first", "--batch", "8");
    String second = train("second", "--batch", "4");
    String third = train("third", "--batch", "4", "--optimizer", "adam");
    String text = Outcome.of("compare", first, second).succeeded().out();
    List<String> differences = section(text, "Settings that differ");
    assertEquals(1, differences.size(), text);
    assertTrue(differences.get(0).matches("batch +8 +4"), text);
    assertFalse(text.contains("Defaults that follow"), text);
    assertFalse(text.contains("Data, program and machine"), text);
    List<String> outcomes = section(text, "What came of it");
    RecordedRun run = RecordedRun.read(Path.of(second));
    assertTrue(
        outcomes.stream()
            .anyMatch(
                line ->
                    line.startsWith("test accuracy")
                        && line.endsWith(RunNumbers.percent(run.testAccuracy()))),
        text);

    text = Outcome.of("compare", second, third).succeeded().out();
    differences = section(text, "Settings that differ");
    assertEquals(1, differences.size(), text);
    assertTrue(differences.get(0).matches("optimizer +sgd +adam"), text);
    List<String> following = section(text, "Defaults that follow from them");
    assertTrue(following.stream().anyMatch(l -> l.matches("learning_rate +0.02 +0.002")), text);
    assertTrue(following.stream().anyMatch(l -> l.matches("momentum +0.9 +-")), text);

    text = Outcome.of("compare", first, first).succeeded().out();
    assertTrue(text.startsWith("The settings are the same."), text);
    page(List.of(first, second, third));
  }

  private void page(List<String> runs) throws IOException {
    Path html = scratch.resolve("compare.html");
    List<String> arguments = new ArrayList<>(List.of("compare", "--html", html.toString()));
    arguments.addAll(runs);
    Outcome.of(arguments.toArray(new String[0])).succeeded();
    String page = Files.readString(html);
    JsonNode data = new ObjectMapper().readTree(between(page, "id=\"data\">", "</script>"));
    assertEquals(3, data.get("runs").size());
    for (int i = 0; i < 3; i++) {
      RecordedRun run = RecordedRun.read(Path.of(runs.get(i)));
      JsonNode shown = data.get("runs").get(i);
      assertEquals(run.name(), shown.get("name").asText());
      assertEquals(2, shown.get("epochs").size());
      assertEquals(
          run.epochs().get(1).validationLoss(), shown.at("/epochs/1/validation_loss").asDouble());
    }
    assertEquals("batch", data.at("/sections/0/rows/0/name").asText());
    assertEquals("8", data.at("/sections/0/rows/0/values/0").asText());
    assertFalse(page.contains("{{"), "every place is filled");
    assertFalse(page.replaceAll("(?s)<script>.*</script>", "").contains("://"), "loads nothing");
    assertTrue(page.contains("default-src 'none'"));
  }

  private static String between(String text, String begin, String end) {
    int from = text.indexOf(begin) + begin.length();
    return text.substring(from, text.indexOf(end, from));
  }

  @Test
  void runsOfOneNameAreToldApartAndNothingElseIsTaken() throws IOException {
    Path first = Files.createDirectories(scratch.resolve("a/run"));
    Path second = Files.createDirectories(scratch.resolve("b/run"));
    String record =
        "{\"started\": \"2026-01-02T03:04:05Z\", \"configuration\": {\"model\": \"%s\"},"
            + " \"seed\": 1, \"epochs\": []}";
    Files.writeString(first.resolve("run.json"), record.formatted("lenet"));
    Files.writeString(second.resolve("run.json"), record.formatted("</script><b>"));
    Path html = scratch.resolve("page.html");
    String text =
        Outcome.of("compare", first.toString(), second.toString(), "--html", html.toString())
            .succeeded()
            .out();
    assertTrue(text.contains(first + "  "), text);
    assertFalse(Files.readString(html).contains("</script><b>"), "texts cannot end the script");
    Outcome.of("compare", first.toString()).failed(2, "RUN");
    Outcome.of("compare", first.toString(), scratch.toString()).failed(1, "no run.json");
  }
}
