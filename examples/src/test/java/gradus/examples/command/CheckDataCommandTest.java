package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.examples.TestPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckDataCommandTest {
  @TempDir Path temp;
  private Path folder;

  @BeforeEach
  void splitFolder() throws IOException {
    folder = temp.resolve("split");
    int seed = 0;
    for (String part : new String[] {"train", "val", "test"}) {
      for (String label : new String[] {"high", "low"}) {
        Path classFolder = Files.createDirectories(folder.resolve(part).resolve(label));
        for (int i = 0; i < 5; i++) {
          TestPictures.write(classFolder.resolve(i + ".png"), label.equals("high"), seed++);
        }
      }
    }
  }

  private Outcome check() {
    return Outcome.of("check-data", "--data", "folder", "--data-dir", folder.toString());
  }

  @Test
  void aCleanSetSucceeds() {
    String out = check().succeeded().out();
    assertTrue(out.contains("train: 10 images"), out);
    assertTrue(out.contains("classes: high 5, low 5"), out);
    assertTrue(out.contains("sizes: 8 x 8 10"), out);
    assertTrue(out.contains("0 pairs: the same picture in two parts"), out);
  }

  @Test
  void leakageAndContradictionsAreListedByFileName() throws IOException {
    Path leaked = folder.resolve("test/high/3.png");
    Files.copy(folder.resolve("train/high/1.png"), folder.resolve("test/high/copy.png"));
    Files.delete(leaked);
    Files.copy(folder.resolve("train/low/2.png"), leaked);
    Outcome outcome = check();
    assertEquals(1, outcome.exitCode(), outcome.out());
    assertEquals("", outcome.err());
    String out = outcome.out();
    assertTrue(out.contains("2 pairs: the same picture in two parts"), out);
    assertTrue(
        out.contains(
            folder.resolve("train/high/1.png")
                + " (train, high) = "
                + folder.resolve("test/high/copy.png")
                + " (test, high)"),
        out);
    assertTrue(out.contains("1 pairs: the same picture, other label"), out);
  }

  @Test
  void wrongOptionsAreUsageErrors() {
    Outcome.of("check-data", "--distance", "65").failed(2, "--distance is 65");
    Outcome.of("check-data", "--list", "-1").failed(2, "--list is -1");
    Outcome.of("check-data", "--data", "csv").failed(2, "--data-dir FILE.csv");
  }
}
