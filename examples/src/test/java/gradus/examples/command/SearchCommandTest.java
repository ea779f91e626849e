package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.examples.TestBackend;
import gradus.report.RecordedRun;
import gradus.report.RunStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchCommandTest {
  @TempDir Path scratch;

  private Outcome search(Path out, String... more) {
    List<String> arguments = new ArrayList<>(List.of("search", "--out", out.toString()));
    arguments.addAll(List.of("--limit", "100", "--model", "lenet", "--workers", "0"));
    arguments.addAll(List.of("--backend", TestBackend.name()));
    arguments.addAll(List.of(more));
    if (!arguments.contains("--parallel")) {
      arguments.addAll(List.of("--threads", "1"));
    }
    return Outcome.of(arguments.toArray(new String[0]));
  }

  /** The rows of trials.csv but for the time. */
  private static List<String> trials(Path out) throws IOException {
    return Files.readAllLines(out.resolve("trials.csv")).stream()
        .map(
            row -> {
              List<String> fields = new ArrayList<>(Arrays.asList(row.split(",", -1)));
              fields.remove(6);
              return String.join(",", fields);
            })
        .toList();
  }

  @Test
  void halvingSpendsLessAndIsGoneOnWithWhereItWasCutOff() throws IOException {
    String[] options = {
      "--lr", "0.001..0.3", "--batch", "16,32", "--trials", "8", "--epochs", "4", "--factor", "2"
    };
    Path whole = scratch.resolve("whole");
    String text = search(whole, options).succeeded().out();
    assertTrue(text.contains("16 epochs trained; all trials to the end would have been 32"), text);
    List<String> rows = trials(whole);
    assertEquals(
        "trial,status,epochs,best_epoch,validation_accuracy,validation_loss,lr,batch,model",
        rows.get(0));
    assertEquals(9, rows.size());
    assertEquals(2, rows.stream().filter(row -> row.contains(",finished,4,")).count());
    assertEquals(2, rows.stream().filter(row -> row.contains(",pruned,2,")).count());
    assertEquals(4, rows.stream().filter(row -> row.contains(",pruned,1,")).count());

    // As if killed in the second rung: one trial is half done, and no table was written.
    Path cut = scratch.resolve("cut");
    search(cut, options).succeeded();
    Path finished =
        cut.resolve(
            "trial-00"
                + rows.stream()
                    .filter(r -> r.contains(",finished,"))
                    .findFirst()
                    .orElseThrow()
                    .charAt(0));
    byte[] weights = Files.readAllBytes(finished.resolve(SavedModel.FILE));
    Path record = finished.resolve(RecordedRun.RECORD);
    Files.writeString(
        record,
        Files.readString(record)
            .replaceAll("\"stop_reason\" : \"[^\"]*\"", "\"stop_reason\" : null")
            .replace("\"status\" : \"finished\"", "\"status\" : \"running\""));
    assertEquals(RunStatus.INTERRUPTED, RecordedRun.read(finished).status());
    Files.delete(finished.resolve(SavedModel.FILE));
    Files.delete(cut.resolve("trials.csv"));
    Path other = cut.resolve(finished.endsWith("trial-001") ? "trial-002" : "trial-001");
    FileTime untouched = Files.getLastModifiedTime(other.resolve(SavedModel.FILE));
    search(cut, options).failed(1, "already holds a search", "--resume");
    List<String> again = new ArrayList<>(List.of(options));
    again.add("--resume");
    search(cut, again.toArray(new String[0])).succeeded();
    assertEquals(rows, trials(cut));
    assertArrayEquals(weights, Files.readAllBytes(finished.resolve(SavedModel.FILE)));
    assertEquals(untouched, Files.getLastModifiedTime(other.resolve(SavedModel.FILE)));

    again.addAll(List.of("--batch", "16,64"));
    search(cut, again.toArray(new String[0])).failed(1, "a trial with other settings");
    page(whole, rows);
  }

  private static void page(Path out, List<String> rows) throws IOException {
    String page = Files.readString(out.resolve("search.html"));
    int begin = page.indexOf("id=\"data\">") + "id=\"data\">".length();
    JsonNode data =
        new ObjectMapper().readTree(page.substring(begin, page.indexOf("</script>", begin)));
    assertEquals(8, data.get("trials").size());
    assertEquals("lr", data.at("/dimensions/0/name").asText());
    assertTrue(data.at("/dimensions/0/range").asBoolean());
    JsonNode first = data.get("trials").get(0);
    String[] row = rows.get(1).split(",", -1);
    assertEquals(row[1], first.get("status").asText());
    assertEquals(Double.parseDouble(row[4]), first.get("accuracy").asDouble());
    assertEquals(row[6], first.at("/settings/lr").asText());
    assertFalse(page.contains("{{"), "every place is filled");
  }

  @Test
  void randomSearchStopsWhatIsWorseAndSurvivesWhatDiverges() throws IOException {
    Path out = scratch.resolve("random");
    String[] options = {
      "--strategy", "random", "--lr", "1e-7..1e7", "--trials", "8", "--epochs", "2", "--batch", "25"
    };
    search(out, options).succeeded();
    List<String> rows = trials(out);
    assertEquals(9, rows.size());
    assertTrue(rows.stream().anyMatch(row -> row.contains(",finished,2,")), rows::toString);
    assertTrue(rows.stream().anyMatch(row -> row.contains(",diverged,")), rows::toString);
    assertTrue(rows.stream().anyMatch(row -> row.contains(",pruned,1,")), rows::toString);
    List<String> again = new ArrayList<>(List.of(options));
    again.add("--resume");
    search(out, again.toArray(new String[0])).succeeded();
    assertEquals(rows, trials(out));
    Path everything = scratch.resolve("everything");
    search(everything, options).succeeded();
    assertEquals(rows, trials(everything));
  }

  @Test
  void trialsInParallelComeToTheSameBits() throws IOException {
    String[] options = {
      "--strategy", "random", "--lr", "1e-4..1e4", "--trials", "7", "--epochs", "3", "--batch", "25"
    };
    Path alone = scratch.resolve("alone");
    search(alone, options).succeeded();
    List<String> beside = new ArrayList<>(List.of(options));
    beside.addAll(List.of("--parallel", "3"));
    Path together = scratch.resolve("together");
    search(together, beside.toArray(new String[0])).succeeded();
    assertEquals(trials(alone), trials(together));
    assertTrue(trials(alone).stream().anyMatch(row -> row.contains(",pruned,1,")));
    for (int trial = 1; trial <= 7; trial++) {
      Path weights = Path.of("trial-00" + trial, SavedModel.FILE);
      assertEquals(Files.exists(alone.resolve(weights)), Files.exists(together.resolve(weights)));
      if (Files.exists(alone.resolve(weights))) {
        assertArrayEquals(
            Files.readAllBytes(alone.resolve(weights)),
            Files.readAllBytes(together.resolve(weights)));
      }
    }
    // What ran side by side may be gone on with alone.
    List<String> again = new ArrayList<>(List.of(options));
    again.add("--resume");
    FileTime untouched = Files.getLastModifiedTime(together.resolve("trial-001/run.json"));
    search(together, again.toArray(new String[0])).succeeded();
    assertEquals(untouched, Files.getLastModifiedTime(together.resolve("trial-001/run.json")));
  }

  @Test
  void tpeAndHyperbandChooseTheirTrials() throws IOException {
    Path tpe = scratch.resolve("tpe");
    String[] options = {"--strategy", "tpe", "--trials", "7", "--epochs", "1", "--batch", "25"};
    search(tpe, options).succeeded();
    List<String> rows = trials(tpe);
    assertEquals(8, rows.size());
    Path random = scratch.resolve("random");
    search(random, "--strategy", "random", "--trials", "7", "--epochs", "1", "--batch", "25")
        .succeeded();
    assertEquals(trials(random).subList(0, 3), rows.subList(0, 3), "two to learn from");
    assertNotEquals(trials(random).get(7), rows.get(7));
    List<String> again = new ArrayList<>(List.of(options));
    again.add("--resume");
    search(tpe, again.toArray(new String[0])).succeeded();
    assertEquals(rows, trials(tpe));

    Path hyperband = scratch.resolve("hyperband");
    String text =
        search(hyperband, "--strategy", "hyperband", "--factor", "2", "--epochs", "2")
            .succeeded()
            .out();
    assertTrue(text.contains("4 trials, hyperband"), text);
    assertEquals(5, trials(hyperband).size());
  }

  @Test
  void aTrialThatFailsEndsTheSearchWithItsReason() {
    search(scratch.resolve("bad"), "--parallel", "2", "--data", "mnist", "--data-dir", "/nowhere")
        .failed(1, "Trial ", "/nowhere");
  }

  @Test
  void misuseIsRefusedBeforeAnyTraining() {
    Path out = scratch.resolve("none");
    search(out, "--lr", "0..1").failed(2, "--lr", "begins above 0");
    search(out, "--trials", "0").failed(2, "--trials is 0");
    search(out, "--parallel", "0").failed(2, "--parallel is 0");
    search(out, "--factor", "1").failed(2, "--factor is 1");
    search(out, "--min-epochs", "10").failed(2, "--min-epochs is 10", "--epochs, 9");
    search(out, "--epochs", "0").failed(2, "--epochs is 0");
    search(out, "--speed", "9").failed(2, "--speed", "an option of train");
    search(out, "--optimizer", "sgdd").failed(2, "sgdd");
    search(out, "--early-stopping", "3").failed(2, "--early-stopping is for train alone");
    Outcome.of("search", "--resume").failed(2, "--resume needs --out");
    assertFalse(Files.exists(out));
  }
}
