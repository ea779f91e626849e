package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.doctor.Finding;
import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import gradus.report.FindingJson;
import gradus.tensorboard.EventFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the doctor's words appear when {@code train} goes wrong, and when it does not. */
class TrainDoctorTest {
  private static final String[] HOT = {"--lr", "100000", "--schedule", "constant"};

  @TempDir Path scratch;
  private Path out;

  @BeforeEach
  void name() {
    out = scratch.resolve("run");
  }

  private Outcome train(String[] options, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("train", "--data", "folder", "--data-dir"));
    arguments.add(TestPictures.folder(scratch, 20).toString());
    arguments.addAll(List.of("--image-size", "8", "--model", "simplecnn", "--batch", "8"));
    arguments.addAll(List.of("--epochs", "20", "--backend", TestBackend.name()));
    arguments.addAll(List.of("--out", out.toString()));
    arguments.addAll(List.of(options));
    arguments.addAll(List.of(more));
    return Outcome.of(arguments.toArray(new String[0]));
  }

  private JsonNode record() throws IOException {
    return new ObjectMapper().readTree(out.resolve("run.json").toFile());
  }

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }

  @Test
  void treatmentLetsTheRunGoOn() throws IOException {
    String[] hot = {"--lr", "30", "--schedule", "constant"};
    train(hot).failed(1, "no longer a number");
    String text = train(hot, "--doctor", "treat", "--overwrite").succeeded().out();
    assertTrue(text.contains("epoch 2: Treated for learning rate too high: goes on with"), text);
    assertEquals(1, count(text, "Treated for"), text);
    String findings = record().at("/findings").toString();
    assertTrue(findings.contains("Treated for"), findings);
    assertEquals("treat", record().at("/configuration/doctor").asText());
  }

  @Test
  void whatItTellsToTypeWorksAsItStands() throws IOException {
    Outcome hot =
        train(new String[] {"--lr", "30", "--schedule", "constant"})
            .failed(1, "no longer a number; the cause is learning rate too high");
    assertFalse(hot.err().contains("try a learning rate"), "one advice is enough: " + hot.err());
    String typed =
        hot.out().lines().filter(line -> line.startsWith("Type: ./gradus ")).findFirst().get();
    assertTrue(hot.out().contains("  type      " + typed.substring(6)), hot.out());
    List<String> words = new ArrayList<>(List.of(typed.split(" ", -1)));
    words.subList(0, 2).clear(); // "Type: ./gradus"
    words.addAll(List.of("--out", scratch.resolve("again").toString()));
    String text = Outcome.of(words.toArray(new String[0])).succeeded().out();
    assertFalse(text.contains("Diagnosis"), text);
    assertTrue(Files.readString(out.resolve("report.html")).contains(typed.substring(6)));
    String later = Outcome.of("diagnose", out.toString()).succeeded().out();
    assertTrue(later.contains(typed.substring(6)), later);
  }

  /** Of a network that learns too slowly for a short trial to show that it learns. */
  @Test
  void aRateThatMakesTheLossGrowWithoutBoundsIsTooHigh() {
    String text =
        Outcome.of(
                List.of(
                        "train",
                        "--lr",
                        "2",
                        "--limit",
                        "4000",
                        "--epochs",
                        "2",
                        "--out",
                        out.toString())
                    .toArray(new String[0]))
            .failed(1, "the cause is learning rate too high")
            .out();
    assertTrue(text.contains("from the same state 0.02 does not"), text);
  }

  /** Twenty steps are too few: what learns in the forty of a trial was not in their way. */
  @Test
  void aShortRunIsNotBlamedOnAUsualDecay() {
    String text =
        Outcome.of("train", "--limit", "200", "--epochs", "5", "--out", out.toString())
            .succeeded()
            .out();
    assertFalse(text.contains("regularization"), text);
  }

  /** Without trials nothing is said of what a trial would show. */
  @Test
  void whoOnlyWatchesClaimsNoTrial() throws IOException {
    String text = train(HOT, "--doctor", "watch").failed(1).out();
    assertFalse(text.contains("that was tried"), text);
    assertFalse(text.contains("hundredth"), text);
  }

  @Test
  void aRunThatGoesWrongIsExplainedEverywhere() throws IOException {
    Outcome outcome = train(HOT, "--tensorboard").failed(1, "no longer a number");
    String text = outcome.out();
    Finding finding = FindingJson.read(record().at("/findings/0"));
    assertEquals(Finding.Role.PRIMARY, finding.role());
    String name = finding.diagnosis().name();
    String label = finding.diagnosis().label();
    assertEquals(1, count(text, "Diagnosis, epoch 1: " + label + " (critical"), text);
    assertEquals(1, count(text, "  type      ./gradus train --data folder "), text);
    assertEquals(1, count(text, "docs/diagnoses.md#" + finding.diagnosis().anchor()), text);
    assertTrue(
        text.indexOf("Diagnosis: " + label) > text.indexOf("  about it"),
        "the last lines repeat it: " + text);

    assertEquals("probe", record().at("/configuration/doctor").asText());
    List<String> lines = Files.readAllLines(out.resolve("metrics.jsonl"));
    assertEquals(1, lines.stream().filter(line -> line.startsWith("{\"finding\":")).count());
    String page = Files.readString(out.resolve("report.html"));
    assertTrue(page.contains("\"findings\":[{\"diagnosis\":\"" + name + "\""));
    try (var files = Files.list(out)) {
      Path events =
          files
              .filter(f -> f.getFileName().toString().startsWith(EventFile.PREFIX))
              .findFirst()
              .get();
      String bytes = Files.readString(events, StandardCharsets.ISO_8859_1);
      assertTrue(bytes.contains("diagnosis/text_summary"), "TensorBoard");
      assertTrue(bytes.contains("**" + label + " (critical"), "TensorBoard");
    }
    String later = Outcome.of("diagnose", out.toString()).succeeded().out();
    assertTrue(later.contains("The training doctor watched this run."), later);
    assertTrue(later.contains(label + " (critical"), later);
    assertTrue(later.contains("no longer a number"), later);
  }

  @Test
  void programsGetALineOfJson() throws IOException {
    String text = train(HOT, "--json").failed(1).out();
    List<JsonNode> lines = new ArrayList<>();
    for (String line : text.lines().toList()) {
      lines.add(new ObjectMapper().readTree(line));
    }
    List<JsonNode> findings = lines.stream().filter(line -> line.has("finding")).toList();
    assertEquals(1, findings.size(), text);
    assertEquals(
        record().at("/findings/0/diagnosis"), findings.get(0).at("/finding/diagnosis"), text);
  }

  @Test
  void quietIsQuiet() throws IOException {
    assertEquals("", train(HOT, "--quiet").failed(1).out());
    assertEquals("primary", record().at("/findings/0/role").asText());
  }

  @Test
  void aRunThatGoesWellIsLeftAlone() throws IOException {
    String text = train(new String[] {"--lr", "0.01"}, "--epochs", "8").succeeded().out();
    assertFalse(text.contains("Diagnosis"), text);
    assertTrue(record().get("findings").isArray());
    assertTrue(
        record().get("findings").findValuesAsText("role").stream().allMatch("note"::equals),
        record().get("findings").toString());
    JsonNode vitals = new ObjectMapper().readTree(out.resolve("vitals.json").toFile());
    assertTrue(vitals.at("/gradient_rms").size() > 1, vitals.toString());
    assertTrue(vitals.at("/update_ratio/0/y/0").asDouble() > 0, vitals.toString());
    String report = Files.readString(out.resolve("report.html"));
    assertTrue(report.contains("\"vitals\":{\"gradient_rms\""));
  }

  @Test
  void withoutADoctorNothingIsSaid() throws IOException {
    Outcome off = train(HOT, "--doctor", "off").failed(1, "no longer a number");
    assertFalse(off.out().contains("Diagnosis"), off.out());
    assertTrue(record().get("findings").isNull());
    assertFalse(Files.exists(out.resolve("vitals.json")));
    String later = Outcome.of("diagnose", out.toString()).succeeded().out();
    assertTrue(later.contains("No doctor watched this run"), later);
    assertTrue(later.contains("learning rate too high (critical, 50 % sure)"), later);
    train(HOT, "--doctor", "surgeon").failed(2, "surgeon", "off, watch, probe, treat");
  }
}
