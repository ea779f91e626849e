package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Starts the program as a person does and presses Ctrl-C. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no kill -INT")
class InterruptsTest {
  @TempDir Path scratch;

  @Test
  void controlCEndsAfterTheStepAndSaves() throws IOException, InterruptedException {
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
      int sent = new ProcessBuilder("kill", "-INT", Long.toString(program.pid())).start().waitFor();
      assertEquals(0, sent);
      StringBuilder rest = new StringBuilder();
      while ((line = output.readLine()) != null) {
        rest.append(line).append('\n');
      }
      assertTrue(program.waitFor(60, TimeUnit.SECONDS));
      assertEquals(130, program.exitValue(), rest.toString());
      assertTrue(rest.toString().contains("Stopping after this step"), rest.toString());
      assertTrue(rest.toString().contains("The model is saved"), rest.toString());
    } finally {
      program.destroyForcibly();
    }
    assertTrue(Files.size(run.resolve("model.safetensors")) > 1000);
    var record = new ObjectMapper().readTree(run.resolve("run.json").toFile());
    assertEquals("stopped on request", record.get("stop_reason").asText());
  }
}
