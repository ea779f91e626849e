package gradus.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.examples.command.Commands;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the programs of README.md. */
class ReadmeProgramsTest {
  private static final Pattern JAVA = Pattern.compile("(?s)```java\\n(.*?)```");

  @TempDir Path scratch;

  @Test
  void theyCompileAndDoWhatTheySay() throws IOException, InterruptedException {
    List<String> programs =
        JAVA.matcher(Files.readString(Path.of("../README.md")))
            .results()
            .map((MatchResult found) -> found.group(1))
            .filter(program -> !program.startsWith("import")) // a file of its own: ReadmeTest
            .toList();
    assertEquals(2, programs.size(), "say here what the new one leaves behind");
    // What the page has trained before: with the network that is chosen where none is named.
    Path pictures = TestPictures.folder(scratch, 12);
    String[] training = {
      "train",
      "--data",
      "folder",
      "--data-dir",
      pictures.toString(),
      "--image-size",
      "16",
      "--epochs",
      "1",
      "--out",
      scratch.resolve("runs/pets").toString(),
      "--quiet",
      "--backend",
      TestBackend.name()
    };
    assertEquals(0, Commands.commandLine().execute(training));
    TestPictures.write(scratch.resolve("cat.jpg"), true, 1);
    String said = run("Predicts", programs.get(0));
    assertTrue(said.matches("(?s)(high|low) \\[ClassProbability.*"), said);
    said = run("Trains", programs.get(1).replace("(5)", "(1)").replace(", 5)", ", 1)")); // epochs
    double accuracy = Double.parseDouble(said.replaceAll("(?s).*test accuracy (\\S+).*", "$1"));
    assertTrue(accuracy > 0.5, said);
    assertTrue(Files.size(scratch.resolve("shapes.safetensors")) > 1000);
  }

  /** What the program prints; it runs in the folder of the reader. */
  private String run(String name, String statements) throws IOException, InterruptedException {
    PageSource.compile(
        scratch,
        name,
        "public class "
            + name
            + " {\n  public static void main(String[] arguments) throws Exception {\n"
            + statements
            + "  }\n}\n");
    ProcessBuilder program =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path") + File.pathSeparator + scratch,
            name);
    program.environment().put("GRADUS_BACKEND", TestBackend.name());
    Process process = program.directory(scratch.toFile()).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(1, TimeUnit.MINUTES));
    assertEquals(0, process.exitValue(), text);
    return text;
  }
}
