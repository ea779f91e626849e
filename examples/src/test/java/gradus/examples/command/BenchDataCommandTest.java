package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchDataCommandTest {
  @TempDir Path temp;

  @Test
  void printsWhatLoadingCosts() throws IOException {
    Path folder = TestPictures.folder(temp, 40);
    String out =
        Outcome.of(
                "bench-data",
                "--data",
                "folder",
                "--data-dir",
                folder.toString(),
                "--image-size",
                "16",
                "--model",
                "simplecnn",
                "--batch",
                "8",
                "--seconds",
                "0.02",
                "--backend",
                TestBackend.name())
            .succeeded()
            .out();
    String rate = "\\s+[\\d,]+ images/s ";
    assertTrue(
        out.strip()
            .matches(
                "folder pictures\\[72\\]\\[64\\]: 64 images, batches of 8\\R"
                    + ("decode" + rate + "per core\\R")
                    + ("decode and augment" + rate + "per core\\R")
                    + ("decode and augment" + rate + "with 2 workers\\R")
                    + "step of simplecnn: [\\d.]+ ms from memory, [\\d.]+ ms from the loader"
                    + " \\([+-][\\d.]+ %\\); [\\d.]+ % of the time spent waiting"),
        out);
  }

  @Test
  void wrongOptionsAreUsageErrors() {
    Outcome.of("bench-data", "--seconds", "0").failed(2, "--seconds is 0");
    Outcome.of("bench-data", "--batch", "0").failed(2, "--batch is 0");
    Outcome.of("bench-data", "--normalize", "cifar").failed(2, "cifar10");
    Outcome.of("bench-data", "--normalize", "mnist", "--seconds", "0.01")
        .failed(1, "--normalize mnist", "auto");
  }
}
