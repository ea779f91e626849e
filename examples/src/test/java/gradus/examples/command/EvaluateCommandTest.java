package gradus.examples.command;

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
