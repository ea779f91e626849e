package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
  @TempDir static Path scratch;
  private static Path pictures;
  private static String run;

  @BeforeAll
  static void train() throws IOException {
    pictures = TestPictures.folder(scratch, 20);
    run = scratch.resolve("run").toString();
    Outcome.of(
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
            "3",
            "--out",
            run,
            "--seed",
            "3",
            "--backend",
            TestBackend.name())
        .succeeded();
  }

  @Test
  void givesTheNumbersTheRunEndedWith() throws IOException {
    var record = new ObjectMapper().readTree(Path.of(run, "run.json").toFile());
    String out =
        Outcome.of("evaluate", "--from", run, "--backend", TestBackend.name()).succeeded().out();
    String expected =
        String.format(
            Locale.ROOT,
            "accuracy %.2f %%, loss %.4f, on 4 images",
            100 * record.get("test_accuracy").asDouble(),
            record.get("test_loss").asDouble());
    assertTrue(out.contains(expected), out + expected);
  }

  @Test
  void takesTheRunAsItsKinDo() {
    String out = Outcome.of("evaluate", run).succeeded().out();
    assertEquals(Outcome.of("evaluate", "--from", run).succeeded().out(), out);
    Path weights = Path.of(run, "model.safetensors");
    assertEquals(out, Outcome.of("evaluate", weights.toString()).succeeded().out());
    Outcome.of("evaluate").failed(2, "gradus evaluate RUN");
    Outcome.of("evaluate", run, "--from", run).failed(2, "--from " + run);
  }

  @Test
  void judgesOtherPartsAndOtherPictures() {
    String out = Outcome.of("evaluate", "--from", run, "--part", "train").succeeded().out();
    assertTrue(out.contains("on 32 images"), out);
    out =
        Outcome.of("evaluate", "--from", run, "--data", "folder", "--data-dir", pictures.toString())
            .succeeded()
            .out();
    assertTrue(out.contains("on 4 images"), out);
  }

  @Test
  void printsAndWritesAllNumbers() throws IOException {
    Path json = scratch.resolve("numbers.json");
    String out =
        Outcome.of("evaluate", "--from", run, "--part", "train", "--json", json.toString())
            .succeeded()
            .out();
    for (String name : new String[] {"precision", "macro_f1", "roc_auc_ovr_macro", "high", "low"}) {
      assertTrue(out.contains(name), name + " in " + out);
    }
    assertFalse(out.contains("augmentation"), out);
    var record = new ObjectMapper().readTree(json.toFile());
    assertEquals(32, record.get("examples").asInt());
    assertEquals(16, record.at("/classes/high/support").asInt());
    assertEquals("none", record.get("test_time_augmentation").asText());
    var confusion = record.get("confusion_matrix");
    int right = confusion.get(0).get(0).asInt() + confusion.get(1).get(1).asInt();
    assertEquals(right / 32.0, record.at("/summary/accuracy").asDouble());
    assertEquals(15, record.get("reliability").size());
  }

  @Test
  void testTimeAugmentationIsLabelled() throws IOException {
    Path json = scratch.resolve("views.json");
    String out =
        Outcome.of("evaluate", "--from", run, "--tta", "flip-crop", "--json", json.toString())
            .succeeded()
            .out();
    assertTrue(out.contains("(with test-time augmentation: flip-crop, 10 views)"), out);
    var record = new ObjectMapper().readTree(json.toFile());
    assertEquals(10, record.get("views").asInt());
    assertEquals("flip-crop", record.get("test_time_augmentation").asText());
    Outcome.of("evaluate", "--from", run, "--tta", "rotate").failed(2, "rotate", "flip-crop");
  }

  @Test
  void dataWithOtherClassesIsRefused() {
    Outcome.of("evaluate", "--from", run, "--data", "builtin")
        .failed(1, "[high, low]", "solid disc");
  }

  @Test
  void aMissingOrDamagedModelIsNamed() throws IOException {
    Outcome.of("evaluate", "--from", scratch.resolve("nowhere").toString()).failed(1, "nowhere");
    Path broken = Files.createDirectory(scratch.resolve("broken"));
    byte[] whole = Files.readAllBytes(Path.of(run, "model.safetensors"));
    Files.write(broken.resolve("model.safetensors"), Arrays.copyOf(whole, whole.length - 5));
    Outcome.of("evaluate", "--from", broken.toString())
        .failed(1, broken.resolve("model.safetensors").toString(), "truncated");
  }
}
