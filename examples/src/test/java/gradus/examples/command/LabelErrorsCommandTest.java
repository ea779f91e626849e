package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.examples.TestPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelErrorsCommandTest {
  @TempDir Path temp;

  @Test
  void wrongLabelsAreListedWithTheirPictures() throws IOException {
    Path folder = temp.resolve("pictures");
    int seed = 0;
    for (String part : new String[] {"train", "val", "test"}) {
      for (String label : new String[] {"high", "low"}) {
        Path classFolder = Files.createDirectories(folder.resolve(part).resolve(label));
        for (int i = 0; i < 60; i++) {
          boolean isHigh = label.equals("high") != (part.equals("train") && i < 3); // three wrong
          TestPictures.write(classFolder.resolve("p" + i + ".png"), isHigh, seed++);
        }
      }
    }
    Path out = temp.resolve("errors");
    String said =
        Outcome.of(
                "label-errors",
                "--data",
                "folder",
                "--data-dir",
                folder.toString(),
                "--model",
                "lenet",
                "--image-size",
                "32",
                "--folds",
                "3",
                "--epochs",
                "12",
                "--batch",
                "8",
                "--out",
                out.toString())
            .succeeded()
            .out();
    List<String> rows = Files.readAllLines(out.resolve("label-errors.csv"));
    assertEquals("index,file,given,suggested,confidence", rows.get(0));
    for (int i = 0; i < 3; i++) {
      String file = folder.resolve("train/high/p" + i + ".png").toString();
      assertTrue(rows.stream().anyMatch(row -> row.contains(file + ",high,low,")), rows + said);
    }
    assertTrue(rows.size() <= 1 + 8, rows.toString()); // six are wrong
    String page = Files.readString(out.resolve("label-errors.html"));
    assertTrue(page.contains("data:image/png;base64,"), "no picture");
    assertTrue(page.contains("\"suggested\":\"low\""), "no suggestion");
  }

  @Test
  void experimentsSayHowManyAreFound() {
    String out =
        Outcome.of(
                "label-errors",
                "--limit",
                "300",
                "--folds",
                "2",
                "--epochs",
                "1",
                "--wrong-labels",
                "0.2",
                "--wrong-kind",
                "asymmetric",
                "--top",
                "5",
                "--out",
                temp.resolve("e").toString())
            .succeeded()
            .out();
    assertTrue(out.contains("Fold 2 of 2: "), out);
    assertTrue(out.matches("(?s).*Of \\d+ labels made wrong \\d are listed: precision .*"), out);
  }

  @Test
  void impossibleSettingsAreRefused() {
    Outcome.of("label-errors", "--folds", "1", "--out", "x").failed(2, "--folds is 1");
    Outcome.of("label-errors", "--wrong-labels", "1", "--out", "x").failed(2, "--wrong-labels is");
    Outcome.of("label-errors").failed(2, "--out");
  }
}
