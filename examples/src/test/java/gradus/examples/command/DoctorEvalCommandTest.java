package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.examples.TestBackend;
import gradus.examples.TinyCifar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorEvalCommandTest {
  @TempDir Path scratch;

  @Test
  void judgesARunAndWritesWhatItFound() throws IOException {
    Path json = scratch.resolve("runs.json");
    Path page = Files.writeString(scratch.resolve("page.md"), "# Old\n\n## Treatment\n\nkept\n");
    String text =
        Outcome.of(
                "doctor-eval",
                "--only",
                "p16",
                "--seeds",
                "3",
                "--control",
                "--json",
                json.toString(),
                "--page",
                page.toString(),
                "--backend",
                TestBackend.name())
            .succeeded()
            .out();
    assertTrue(text.contains("[1/1] P16 seed 3: "), text);
    assertTrue(text.contains("same weights"), text);
    assertTrue(text.contains("(loss no number)"), text);
    assertTrue(text.contains("lenient 1/1"), text);
    assertTrue(Files.readString(json).contains("EXPLODING_GRADIENTS"));
    String written = Files.readString(page);
    assertTrue(written.contains("## Seed 3"), written);
    assertTrue(written.endsWith("|\n\n## Treatment\n\nkept\n"), written);
    assertFalse(written.contains("# Old"), written);
  }

  @Test
  void trainsOnTheFolderOfCifar() throws IOException {
    String folder = TinyCifar.in(scratch, 80).toString();
    String text =
        Outcome.of(
                "doctor-eval",
                "--list",
                "natural",
                "--data-dir",
                folder,
                "--only",
                "N34",
                "--seeds",
                "1",
                "--backend",
                TestBackend.name())
            .succeeded()
            .out();
    assertTrue(text.contains("[1/1] N34 seed 1: "), text);
    Outcome.of("doctor-eval", "--list", "natural").failed(2, "needs --data-dir DIR");
    Outcome.of("doctor-eval", "--only", "N34").failed(2, "no such scenario");
  }

  @Test
  void refusesWhatThereIsNot() {
    Outcome.of("doctor-eval", "--only", "P99").failed(2, "no such scenario");
    Outcome.of("doctor-eval", "--seeds", "5-1").failed(2, "--seeds is 5-1");
    Outcome.of("doctor-eval", "--seeds", "x").failed(2, "--seeds is x");
  }
}
