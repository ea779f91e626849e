package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Starts the program as a person does and presses Ctrl-C. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no kill -INT")
class InterruptsTest {
  @TempDir Path scratch;

  @ParameterizedTest
  @CsvSource({"INT, 1, 130", "INT, 2, 130", "TERM, 1, 143"})
  @Timeout(120)
  void endsAfterTheStepAndSaves(String signal, int times, int exitCode)
      throws IOException, InterruptedException {
    assumeFalse(
        signal.equals("INT") && isInterruptIgnored(),
        "whoever started this ignores SIGINT, as a shell does for its background jobs");
    Path run = scratch.resolve("run");
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "gradus.examples.Gradus",
                "train",
                "--data",
                "folder",
                "--data-dir",
                TestPictures.folder(scratch, 20).toString(),
                "--image-size",
                "8",
                "--batch",
                "8",
                "--epochs",
                "1000000",
                "--out",
                run.toString(),
                "--backend",
                TestBackend.name())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output = program.inputReader(StandardCharsets.UTF_8)) {
      String line = output.readLine();
      while (line != null && !line.startsWith("epoch 1/")) {
        line = output.readLine();
      }
      assertTrue(line != null, "the program ended before its first epoch did");
      String kill = "kill -" + signal + " " + program.pid(); // at once, as launchers do
      String all = String.join("; sleep 0.01; ", Collections.nCopies(times, kill));
      assertEquals(0, new ProcessBuilder("sh", "-c", all).start().waitFor());
      StringBuilder rest = new StringBuilder();
      while ((line = output.readLine()) != null) {
        rest.append(line).append('\n');
      }
      assertTrue(program.waitFor(60, TimeUnit.SECONDS));
      assertEquals(exitCode, program.exitValue(), rest.toString());
      assertTrue(rest.toString().contains("Stopping after this step"), rest.toString());
      assertTrue(rest.toString().contains("The model is saved"), rest.toString());
    } finally {
      program.destroyForcibly();
    }
    assertTrue(Files.size(run.resolve("model.safetensors")) > 1000);
    var record = new ObjectMapper().readTree(run.resolve("run.json").toFile());
    assertEquals("stopped on request", record.get("stop_reason").asText());
  }

  /** Children inherit it, and a JVM then leaves the signal alone. */
  private static boolean isInterruptIgnored() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("SigIgn:")) {
        return (Long.parseUnsignedLong(line.substring("SigIgn:".length()).strip(), 16) & 2) != 0;
      }
    }
    return false;
  }
}
