package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImbalanceCommandTest {
  @TempDir Path scratch;

  private Outcome imbalance(Path out, String... more) throws IOException {
    Path pictures = TestPictures.folder(Files.createTempDirectory(scratch, "pictures"), 20);
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "imbalance",
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
                "2",
                "--factor",
                "4",
                "--out",
                out.toString(),
                "--backend",
                TestBackend.name()));
    arguments.addAll(List.of(more));
    return Outcome.of(arguments.toArray(new String[0]));
  }

  @Test
  void trainsWithEveryRemedyForAsManySteps() throws IOException {
    Path out = scratch.resolve("table");
    String text = imbalance(out).succeeded().out();
    assertTrue(text.contains("20 training images [16, 4]"), text);
    assertTrue(text.contains("judged on 4 test images; minority: [low]"), text);
    List<String> rows = Files.readAllLines(out.resolve("imbalance.csv"));
    assertEquals(1 + Remedy.values().length, rows.size());
    Set<String> remedies =
        rows.stream().skip(1).map(row -> row.split(",", -1)[0]).collect(Collectors.toSet());
    assertEquals(
        Arrays.stream(Remedy.values()).map(Remedy::toString).collect(Collectors.toSet()), remedies);
    for (String row : rows.subList(1, rows.size())) {
      String[] fields = row.split(",", -1);
      assertEquals("6", fields[2], "2 epochs of 3 batches: " + row);
      for (int i = 3; i < 7; i++) {
        double value = Double.parseDouble(fields[i]);
        assertTrue(value >= 0 && value <= 1, row);
      }
    }
    String markdown = Files.readString(out.resolve("imbalance.md"));
    assertTrue(text.contains(markdown), text);
    assertTrue(markdown.contains("| weighted-sampler "), markdown);
  }

  @Test
  void severalSeedsHaveAMeanAndADeviation() throws IOException {
    Path out = scratch.resolve("seeds");
    String text =
        imbalance(out, "--remedies", "none,focal", "--seeds", "1,2", "--augment").succeeded().out();
    assertTrue(text.contains("[4/4] focal, seed 2"), text);
    assertTrue(text.contains(" ± "), text);
    assertEquals(5, Files.readAllLines(out.resolve("imbalance.csv")).size());
  }

  @Test
  void misuseIsRefused() throws IOException {
    Path out = scratch.resolve("none");
    imbalance(out, "--factor", "0.5").failed(2, "--factor is 0.5");
    imbalance(out, "--remedies", "wish").failed(2, "wish", "undersample");
    imbalance(out, "--epochs", "0").failed(2, "--epochs is 0");
  }
}
