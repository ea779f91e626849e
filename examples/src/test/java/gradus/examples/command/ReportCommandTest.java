package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {
  @TempDir Path scratch;
  private Path run;
  private Path page;

  @BeforeEach
  void name() {
    run = scratch.resolve("first run");
    page = run.resolve("report.html");
  }

  private Outcome train(String... more) throws IOException {
    Path pictures = TestPictures.folder(scratch, 20);
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--data",
                "folder",
                "--data-dir",
                pictures.toString(),
                "--image-size",
                "8",
                "--model",
                "simplecnn",
                "--batch",
                "8",
                "--epochs",
                "2",
                "--out",
                run.toString(),
                "--backend",
                TestBackend.name()));
    arguments.addAll(List.of(more));
    return Outcome.of(arguments.toArray(new String[0]));
  }

  private static JsonNode data(Path page) throws IOException {
    String html = Files.readString(page);
    String start = "type=\"application/json\">";
    int from = html.indexOf(start) + start.length();
    return new ObjectMapper().readTree(html.substring(from, html.indexOf("</script", from)));
  }

  @Test
  void trainLeavesAReportOfItsNumbers() throws IOException {
    String out = train().succeeded().out();
    assertTrue(out.contains("Report: " + page), out);
    JsonNode data = data(page);
    JsonNode record = new ObjectMapper().readTree(run.resolve("run.json").toFile());
    assertEquals("first run", data.get("title").asText());
    assertEquals(record.get("configuration"), data.at("/run/configuration"));
    assertEquals(5_346, data.at("/run/model/parameters").asInt());
    assertEquals(2, data.get("epochs").size());
    assertEquals(4, data.at("/test/images").asInt());
    assertEquals(record.get("test_accuracy"), data.at("/test/accuracy"));
    assertEquals(record.get("test_loss"), data.at("/test/loss"));
    assertEquals(6, data.get("pictures").size());
    assertTrue(data.at("/pictures/0/image").asText().startsWith("data:image/png;base64,"));
    assertEquals(0, data.at("/pictures/0/views").size(), "nothing is augmented");
  }

  @Test
  void whatAugmentationDoesIsShownWithoutTheDataSet() throws IOException {
    train("--augment", "vertical-flip,mixup").succeeded();
    try (Stream<Path> all = Files.walk(scratch.resolve("pictures"))) {
      for (Path gone : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(gone);
      }
    }
    Files.delete(page);
    Outcome.of("report", run.toString()).succeeded();
    JsonNode pictures = data(page).get("pictures");
    assertEquals(6, pictures.size());
    Set<String> labels = new HashSet<>();
    Set<String> images = new HashSet<>();
    for (JsonNode picture : pictures) {
      labels.add(picture.get("label").asText());
      assertEquals(3, picture.get("views").size());
      picture.get("views").forEach(view -> images.add(view.get("image").asText()));
    }
    assertEquals(Set.of("high", "low"), labels);
    assertTrue(images.size() > 12, images.size() + " different views of 18");
  }

  @Test
  void theReportIsWrittenAgainFromTheFiles() throws IOException {
    train().succeeded();
    String first = Files.readString(page);
    Files.delete(page);
    String out = Outcome.of("report", run.toString()).succeeded().out();
    assertEquals("Report: " + page, out.strip());
    assertEquals(first, Files.readString(page));
    Path other = scratch.resolve("other.html");
    Outcome.of("report", run.toString(), "--out", other.toString()).succeeded();
    assertEquals(first, Files.readString(other));
  }

  /** Numbers of other weights are worse than none. */
  @Test
  void aRunThatGoesOnForgetsTheTestOfItsEarlierWeights() throws IOException {
    Files.createDirectories(run);
    Files.writeString(run.resolve("test.json"), "{\"accuracy\": 1}");
    train("--resume", "--lr", "100000", "--schedule", "constant", "--epochs", "20")
        .failed(1, "no longer a number");
    assertFalse(Files.exists(run.resolve("test.json")));
    assertTrue(data(page).get("test").isNull());
  }

  @Test
  void aFolderWithoutARunIsNamed() throws IOException {
    Path nowhere = scratch.resolve("nowhere");
    Outcome.of("report", nowhere.toString()).failed(1, nowhere + " is no folder");
    Path empty = Files.createDirectory(scratch.resolve("empty"));
    Outcome.of("report", empty.toString()).failed(1, "run.json", "nothing to report");
    Outcome.of("report", "/").failed(1, "nothing to report");
    Outcome.of("report").failed(2, "RUN");
  }
}
