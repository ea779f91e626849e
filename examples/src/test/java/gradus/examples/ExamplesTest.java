package gradus.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExamplesTest {
  @TempDir Path scratch;

  @Test
  void theRawLoopLearns() {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      RawLoop.main(new String[] {"1"});
    } finally {
      System.setOut(before);
    }
    String text = printed.toString(StandardCharsets.UTF_8);
    String accuracy = text.replaceAll("(?s).*test accuracy ([\\d.]+) %.*", "$1");
    assertTrue(Double.parseDouble(accuracy) > 50, text); // chance is 10
  }

  @Test
  void picturesOfOnesOwn() throws IOException, InterruptedException {
    Path pictures = TestPictures.folder(scratch, 12);
    // In a process of its own, because it writes into the working directory.
    Process program =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    "gradus.examples.CnnOnImageFolder",
                    pictures.toString()))
            .directory(scratch.toFile())
            .redirectErrorStream(true)
            .start();
    String text = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(program.waitFor(1, TimeUnit.MINUTES));
    assertEquals(0, program.exitValue(), text);
    assertTrue(text.contains("epoch 10/10"), text);
    assertTrue(scratch.resolve("cnnonimagefolder.safetensors").toFile().length() > 1000, text);
  }
}
