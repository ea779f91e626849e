package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.examples.TestPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {
  @TempDir Path temp;

  @Test
  void theBuiltInSetIsSound() {
    String out = Outcome.of("check", "--limit", "1000").succeeded().out();
    assertTrue(out.contains("One batch: learned by heart"), out);
    assertTrue(out.contains("Nothing unusual."), out);
  }

  @Test
  void whatIsUnusualIsNotedAndExplained() {
    String out =
        Outcome.of(
                "check",
                "--limit",
                "1000",
                "--long-tail",
                "100",
                "--momentum",
                "0.995",
                "--no-overfit")
            .succeeded()
            .out();
    assertTrue(out.contains("note: class imbalance: "), out);
    assertTrue(out.contains("option: --class-weights inverse"), out);
    assertTrue(out.contains("note: optimizer misconfigured: "), out);
    assertTrue(out.contains("0 defects, 2 notes."), out);
    assertFalse(out.contains("One batch"), out);
  }

  @Test
  void triesWhatTheRunWouldBe() {
    String[] common = {"check", "--limit", "400", "--model", "lenet"};
    String plain = Outcome.of(common).succeeded().out();
    for (String[] more : new String[][] {{"--precision", "bf16"}, {"--dropout", "0.3"}}) {
      String out = Outcome.of(with(more, common)).succeeded().out();
      assertTrue(out.contains("One batch: learned by heart"), out);
      assertNotEquals(plain, out, more[0]);
    }
    String[] accumulated = {"--accumulate", "4"};
    assertEquals(plain, Outcome.of(with(accumulated, common)).succeeded().out(), "is as sound");
    Outcome.of("check", "--dropout", "1").failed(2, "--dropout is 1.0");
    Outcome.of("check", "--accumulate", "0").failed(2, "--accumulate is 0");
    Outcome.of("check", "--precision", "fp16", "--backend", "cpu").failed(1, "fp16");
  }

  @Test
  void whatIsCertainlyWrongEndsWithCodeOneAndIsNotTrained() throws IOException {
    Path folder = leaked();
    String[] data = {"--data", "folder", "--data-dir", folder.toString(), "--image-size", "32"};
    Outcome check = Outcome.of(with(data, "check", "--model", "lenet"));
    assertEquals(1, check.exitCode(), check.err());
    assertTrue(check.out().contains("DEFECT: data leakage"), check.out());
    Path run = temp.resolve("run");
    Outcome train =
        Outcome.of(
            with(data, "train", "--model", "lenet", "--epochs", "1", "--out", run.toString()));
    assertEquals(1, train.exitCode(), train.out());
    assertTrue(train.err().contains("DEFECT: data leakage"), train.err());
    assertTrue(train.err().contains("--no-check"), train.err());
    assertFalse(Files.exists(run.resolve("run.json")));
    Outcome.of(
            with(
                data,
                "train",
                "--model",
                "lenet",
                "--epochs",
                "1",
                "--no-check",
                "--out",
                run.toString()))
        .succeeded();
    assertTrue(Files.exists(run.resolve("run.json")));
  }

  private static String[] with(String[] data, String... rest) {
    String[] all = new String[rest.length + data.length];
    System.arraycopy(rest, 0, all, 0, rest.length);
    System.arraycopy(data, 0, all, rest.length, data.length);
    return all;
  }

  /** A folder with the training pictures in the validation part again. */
  private Path leaked() throws IOException {
    Path folder = temp.resolve("pictures");
    int seed = 0;
    for (String label : new String[] {"high", "low"}) {
      for (String part : new String[] {"train", "test"}) {
        Path classFolder = Files.createDirectories(folder.resolve(part).resolve(label));
        for (int i = 0; i < 10; i++) {
          TestPictures.write(classFolder.resolve(i + ".png"), label.equals("high"), seed++);
        }
      }
      Path held = Files.createDirectories(folder.resolve("val").resolve(label));
      for (int i = 0; i < 5; i++) {
        Files.copy(
            folder.resolve("train").resolve(label).resolve(i + ".png"), held.resolve(i + ".png"));
      }
    }
    return folder;
  }
}
