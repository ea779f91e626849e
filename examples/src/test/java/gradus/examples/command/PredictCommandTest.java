package gradus.examples.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.examples.TestBackend;
import gradus.examples.TestPictures;
import gradus.tensor.Shape;
import gradus.weights.SafeTensors;
import gradus.weights.Weight;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictCommandTest {
  @TempDir static Path scratch;
  private static Path high;
  private static Path low;
  private static String run;

  @BeforeAll
  static void train() throws IOException {
    Path pictures = TestPictures.folder(scratch, 30);
    high = scratch.resolve("a.png");
    low = scratch.resolve("b.png");
    TestPictures.write(high, true, 1001);
    TestPictures.write(low, false, 1002);
    run = scratch.resolve("run").toString();
    Outcome.of(
            "train",
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
            "8",
            "--out",
            run,
            "--backend",
            TestBackend.name())
        .succeeded();
  }

  @Test
  void namesWhatIsOnEachPicture() {
    String[] lines =
        Outcome.of("predict", "--from", run, high.toString(), low.toString())
            .succeeded()
            .out()
            .lines()
            .toArray(String[]::new);
    assertEquals(2, lines.length);
    assertTrue(lines[0].matches(".*a\\.png: high \\d+\\.\\d %, low \\d+\\.\\d %"), lines[0]);
    assertTrue(lines[1].matches(".*b\\.png: low \\d+\\.\\d %, high \\d+\\.\\d %"), lines[1]);
  }

  @Test
  void topLimitsTheClasses() {
    String out =
        Outcome.of("predict", "--from", run, "--top", "1", high.toString()).succeeded().out();
    assertTrue(out.strip().matches(".*a\\.png: high \\d+\\.\\d %"), out);
    Outcome.of("predict", "--from", run, "--top", "0", high.toString()).failed(2, "--top is 0");
  }

  @Test
  void aFileThatIsNoPictureIsNamed() throws IOException {
    Path text = Files.writeString(scratch.resolve("notes.jpg"), "not a picture");
    Outcome.of("predict", "--from", run, text.toString()).failed(1, text.toString());
    Outcome.of("predict", "--from", run).failed(2, "PATH");
    Outcome.of("predict", high.toString()).failed(2, "--from");
  }

  @Test
  void theRunMayBeTheFirstPath() {
    String out = Outcome.of("predict", run, high.toString()).succeeded().out();
    assertEquals(Outcome.of("predict", "--from", run, high.toString()).out(), out);
  }

  @Test
  void aFolderIsSearchedForPictures() throws IOException {
    Path folder = scratch.resolve("folder");
    Path deep = Files.createDirectories(folder.resolve("deep"));
    Files.copy(high, folder.resolve("1.png"));
    Files.copy(low, deep.resolve("2.PNG"));
    Files.writeString(folder.resolve("read.me"), "no picture, and not named as one");
    String out = Outcome.of("predict", run, folder.toString()).succeeded().out();
    assertTrue(
        out.matches("(?s).*folder/1\\.png: high .*\\n.*folder/deep/2\\.PNG: low .*\\n"), out);
    Path empty = Files.createDirectories(scratch.resolve("empty"));
    Outcome.of("predict", run, empty.toString()).failed(1, "no picture in the folder " + empty);
  }

  @Test
  void aTableHoldsEveryProbability() throws IOException {
    Path quoted = scratch.resolve("with, comma.png");
    Files.copy(high, quoted);
    Path damaged = Files.writeString(scratch.resolve("torn.jpg"), "not a picture");
    Path csv = scratch.resolve("predictions.csv");
    Outcome.of(
            "predict",
            run,
            "--csv",
            csv.toString(),
            quoted.toString(),
            damaged.toString(),
            low.toString())
        .failed(1, damaged.toString());
    String[] lines = Files.readString(csv).split("\r\n");
    assertEquals("file,label,probability,high,low", lines[0]);
    assertEquals(3, lines.length, Arrays.toString(lines));
    assertTrue(lines[1].startsWith("\"" + quoted + "\",high,0."), lines[1]);
    String[] fields = lines[2].split(",", -1);
    assertEquals("low", fields[1]);
    assertEquals(fields[2], fields[4], "the probability of the class it names");
    assertEquals(1, Double.parseDouble(fields[3]) + Double.parseDouble(fields[4]), 2e-6);
    Path nowhere = scratch.resolve("missing-folder/x.csv");
    Outcome.of("predict", run, "--csv", nowhere.toString(), low.toString())
        .failed(1, "Cannot write " + nowhere);
  }

  @Test
  void explanationsAreDrawn() throws IOException {
    Path folder = scratch.resolve("explained");
    Outcome.of("predict", run, "--explain", folder.toString(), high.toString(), high.toString())
        .succeeded();
    for (String name : new String[] {"a.png.high.png", "a.png.high-2.png"}) {
      BufferedImage drawn = ImageIO.read(folder.resolve(name).toFile());
      assertEquals(3 * 224, drawn.getWidth());
      assertEquals(224, drawn.getHeight());
    }
    Path file = Files.writeString(scratch.resolve("in-the-way"), "");
    Outcome.of("predict", run, "--explain", file.toString(), high.toString())
        .failed(1, "--explain " + file);
  }

  @Test
  void aBadPictureDoesNotKeepTheOthersFromTheirAnswer() throws IOException {
    Path damaged = Files.writeString(scratch.resolve("damaged.jpg"), "not a picture");
    Path absent = scratch.resolve("absent.png");
    Outcome outcome =
        Outcome.of(
            "predict",
            "--from",
            run,
            damaged.toString(),
            high.toString(),
            absent.toString(),
            low.toString());
    outcome.failed(1, damaged.toString(), "there is no file " + absent);
    assertEquals(2, outcome.err().lines().count(), outcome.err());
    assertEquals(2, outcome.out().lines().count(), outcome.out());
    assertFalse(outcome.err().contains("Exception"), outcome.err());
  }

  @Test
  void aWeightFileWithoutDescriptionIsRefused() {
    Path bare = scratch.resolve("bare.safetensors");
    SafeTensors.write(bare, Map.of("w", Weight.of(Shape.of(1), 1f)), Map.of());
    Outcome.of("predict", "--from", bare.toString(), high.toString())
        .failed(1, bare.toString(), "gradus.");
  }
}
