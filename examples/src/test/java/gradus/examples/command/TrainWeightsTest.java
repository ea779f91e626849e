package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import gradus.train.EpochReport;
import gradus.train.TrainingListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The two weight files of a run: of its end, and of its best epoch. */
class TrainWeightsTest {
  @TempDir Path scratch;
  private Path pictures;
  private Path out;

  /** A third of them in the wrong folder: what is learned late is of no use for others. */
  @BeforeEach
  void draw() throws IOException {
    pictures = scratch.resolve("pictures");
    for (boolean high : new boolean[] {true, false}) {
      Path folder = Files.createDirectories(pictures.resolve(high ? "high" : "low"));
      for (int i = 0; i < 20; i++) {
        boolean right = i % 3 > 0;
        TestPictures.write(folder.resolve(i + ".png"), high == right, high ? i : 50 + i);
      }
    }
    out = scratch.resolve("run");
  }

  private String[] arguments(Path folder, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("train", "--data", "folder", "--data-dir", pictures.toString()));
    arguments.addAll(List.of("--image-size", "8", "--model", "simplecnn", "--batch", "8"));
    arguments.addAll(List.of("--epochs", "6", "--lr", "0.02", "--schedule", "constant"));
    arguments.addAll(List.of("--out", folder.toString(), "--backend", TestBackend.name()));
    arguments.addAll(List.of(more));
    return arguments.toArray(new String[0]);
  }

  private Outcome train(Path folder, String... more) {
    return Outcome.of(arguments(folder, more));
  }

  private static JsonNode record(Path run) throws IOException {
    return new ObjectMapper().readTree(run.resolve("run.json").toFile());
  }

  private Path best() {
    return out.resolve("best.safetensors");
  }

  /** That the weights of a file give what was reported of an epoch. */
  private static void assertValidated(JsonNode epoch, Path weights) {
    String text =
        Outcome.of(
                "evaluate",
                "--from",
                weights.toString(),
                "--part",
                "validation",
                "--batch",
                "8",
                "--backend",
                TestBackend.name())
            .succeeded()
            .out();
    String expected =
        String.format(
            Locale.ROOT,
            "accuracy %.2f %%, loss %.4f,",
            100 * epoch.get("validation_accuracy").asDouble(),
            epoch.get("validation_loss").asDouble());
    assertTrue(text.contains(expected), () -> "no \"" + expected + "\" in: " + text);
  }

  @Test
  void theBestEpochsWeightsAreKeptBesideTheLast() throws IOException {
    String text = train(out).succeeded().out();
    JsonNode run = record(out);
    int epoch = run.at("/best_epoch/epoch").asInt();
    assertTrue(epoch > 1 && epoch < 6, "neither the first nor the last: " + epoch);
    assertEquals(epoch, run.at("/best_weights/epoch").asInt());
    assertEquals("best.safetensors", run.at("/best_weights/file").asText());
    assertEquals(6, run.get("weights_of_epoch").asInt());
    String sentence = "Epoch " + epoch + " did best on the validation images: its weights are in ";
    assertTrue(text.contains(sentence + best()), text);
    assertValidated(run.get("best_epoch"), best());
    assertValidated(run.at("/epochs/5"), out);
    String picture = pictures.resolve("high/0.png").toString();
    Outcome.of("predict", best().toString(), picture, "--backend", TestBackend.name()).succeeded();
    Outcome.of("export", best().toString(), "--out", scratch.resolve("best.onnx").toString())
        .succeeded();
  }

  @Test
  void nothingIsSaidOfThemWhereTheRunEndsWithThem() throws IOException {
    String text = train(out, "--epochs", "1").succeeded().out();
    assertFalse(text.contains("did best"), text);
    assertEquals(1, record(out).at("/best_weights/epoch").asInt());
    assertValidated(record(out).at("/epochs/0"), best());
  }

  @Test
  void aRunThatIsKilledLeavesTheWeightsItHasReportedOf() throws IOException {
    CommandLine line = Commands.commandLine();
    line.setOut(new PrintWriter(Writer.nullWriter()));
    TrainCommand command = line.getSubcommands().get("train").getCommand();
    command.watch(trainer -> new Copier());
    assertEquals(0, line.execute(arguments(out, "--ema", "0.9")));
    JsonNode run = record(out);
    for (int epoch = 1; epoch <= 6; epoch++) {
      assertValidated(run.at("/epochs/" + (epoch - 1)), copy(epoch));
    }
    assertValidated(run.get("best_epoch"), best());
    Path plain = scratch.resolve("plain");
    train(plain, "--epochs", "1").succeeded();
    assertNotEquals(
        run.at("/epochs/0/validation_loss"), record(plain).at("/epochs/0/validation_loss"));
  }

  private Path copy(int epoch) {
    return scratch.resolve("after-" + epoch + ".safetensors");
  }

  /** Takes what a kill after each epoch would leave. */
  private final class Copier implements TrainingListener {
    @Override
    public void onEpoch(EpochReport report) {
      try {
        Files.copy(out.resolve("model.safetensors"), copy(report.epoch()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void aResumedRunKeepsTheBestOfBefore() throws IOException {
    Path whole = scratch.resolve("whole");
    train(whole).succeeded();
    int epoch = record(whole).at("/best_weights/epoch").asInt();
    // Killed after the best epoch, and after its weights were written but before its checkpoint.
    for (int last : new int[] {epoch, epoch - 1}) {
      train(out, "--keep", "9", "--overwrite").succeeded();
      for (int later = last + 1; later <= 6; later++) {
        Files.delete(out.resolve("checkpoints/checkpoint-0000%d.safetensors".formatted(later)));
      }
      Files.delete(out.resolve("run.json"));
      String text = train(out, "--keep", "9", "--resume").succeeded().out();
      assertTrue(text.contains("resumed after epoch " + last), text);
      assertTrue(text.contains("Epoch " + epoch + " did best"), text);
      assertArrayEquals(
          Files.readAllBytes(whole.resolve("best.safetensors")), Files.readAllBytes(best()));
      assertEquals(epoch, record(out).at("/best_weights/epoch").asInt());
    }
  }

  @Test
  void anOverwrittenRunLeavesNoBest() throws IOException {
    train(out).succeeded();
    train(out, "--epochs", "1").failed(1, "already holds a run");
    train(out, "--overwrite", "--epochs", "1").succeeded();
    assertEquals(1, record(out).at("/best_weights/epoch").asInt());
    Path other = Files.createDirectory(scratch.resolve("other"));
    Files.copy(best(), other.resolve("best.safetensors"));
    train(other).failed(1, "already holds a run", "best.safetensors");
  }
}
