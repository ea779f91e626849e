package gradus.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.data.image.ColorMode;
import gradus.tensor.Batch;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
  @TempDir Path folder;

  private static void picture(Path file, int level) throws IOException {
    BufferedImage image = new BufferedImage(12, 9, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 12 * 9; i++) {
      image.setRGB(i % 12, i / 12, level << 16 | (i * 2) << 8 | 7);
    }
    Files.createDirectories(file.getParent());
    String name = file.getFileName().toString();
    assertTrue(ImageIO.write(image, name.substring(name.lastIndexOf('.') + 1), file.toFile()));
  }

  /** Eight pictures of dogs and eight of cats. */
  private void pets(Path parent) throws IOException {
    for (int i = 0; i < 8; i++) {
      picture(parent.resolve("dog/d" + i + ".png"), 100 + i);
      picture(parent.resolve("cat/c" + i + ".png"), 200 + i);
    }
  }

  private static byte[] brokenJpeg() throws IOException {
    Path file = Files.createTempFile("whole", ".jpeg");
    picture(file, 50);
    byte[] content = Files.readAllBytes(file);
    Files.delete(file);
    return Arrays.copyOf(content, content.length / 2);
  }

  @Test
  void classesAndFilesAreSorted() throws IOException {
    pets(folder);
    picture(folder.resolve("dog/deeper/x.jpeg"), 1);
    Files.writeString(folder.resolve("dog/notes.txt"), "no picture");
    Files.writeString(folder.resolve("dog/.hidden.png"), "no picture");
    Files.createDirectories(folder.resolve(".thumbnails"));
    Dataset set = ImageFolder.open(folder);
    assertEquals(List.of("cat", "dog"), set.classNames());
    assertEquals(17, set.size());
    assertEquals(0, set.label(7));
    assertEquals(1, set.label(8));
    assertEquals(203, set.get(3).image().level(0, 0, 0));
    assertEquals(folder.resolve("cat/c3.png").toString(), set.describe(3));
    assertEquals(
        1,
        ImageFolder.open(folder, ColorMode.GRAY, ImageFolder.Damaged.FAIL)
            .get(0)
            .image()
            .channels());
  }

  @Test
  void linksAreFollowedAndLoopsRefused() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path linked = Files.createDirectory(folder.resolve("linked"));
    pets(elsewhere);
    Files.createSymbolicLink(linked.resolve("cat"), elsewhere.resolve("cat"));
    Files.createSymbolicLink(linked.resolve("dog"), elsewhere.resolve("dog"));
    assertEquals(16, ImageFolder.open(linked).size());
    Files.createSymbolicLink(elsewhere.resolve("dog/loop"), elsewhere);
    assertFailure("Cannot list", () -> ImageFolder.open(elsewhere));
  }

  @Test
  void hashFollowsContentAndNames() throws IOException {
    pets(folder);
    String hash = ImageFolder.open(folder).contentHash();
    assertEquals(hash, ImageFolder.open(folder).contentHash());
    Files.move(folder.resolve("cat/c3.png"), folder.resolve("cat/c9.png"));
    String renamed = ImageFolder.open(folder).contentHash();
    assertNotEquals(hash, renamed);
    picture(folder.resolve("cat/c9.png"), 0);
    assertNotEquals(renamed, ImageFolder.open(folder).contentHash());
  }

  @Test
  void refusesFoldersWithoutClasses() throws IOException {
    assertFailure("no class folder", () -> ImageFolder.open(folder));
    assertFailure("There is no folder", () -> ImageFolder.open(folder.resolve("nothing")));
    picture(folder.resolve("cat/c.png"), 1);
    assertFailure("only the class folder cat", () -> ImageFolder.open(folder));
    Files.createDirectory(folder.resolve("dog"));
    assertFailure(folder.resolve("dog").toString(), () -> ImageFolder.open(folder));
  }

  @Test
  void aDamagedPictureIsNamed() throws IOException {
    pets(folder);
    Path bad = folder.resolve("cat/c4.jpg");
    Files.write(bad, brokenJpeg());
    try (DataLoader loader = DataLoader.of(ImageFolder.open(folder)).batchSize(2).build()) {
      assertFailure(
          bad.toString(),
          () -> {
            for (Batch batch : loader.epoch(0)) {
              assertEquals(2, batch.size());
            }
          });
    }
  }

  @Test
  void damagedPicturesAreSkippedWithOneWarning() throws IOException {
    pets(folder);
    Files.write(folder.resolve("cat/c4.jpg"), brokenJpeg());
    Files.writeString(folder.resolve("dog/a.png"), "no picture");
    WarningCounter warnings = new WarningCounter();
    Logger logger = Logger.getLogger(ImageFiles.class.getName());
    logger.addHandler(warnings);
    try {
      Dataset set = ImageFolder.open(folder, ColorMode.RGB, ImageFolder.Damaged.SKIP);
      assertEquals(16, set.size());
      assertEquals(1, set.label(8));
      assertEquals(100, set.get(8).image().level(0, 0, 0));
    } finally {
      logger.removeHandler(warnings);
    }
    assertEquals(1, warnings.count);
    assertTrue(warnings.last.contains("2 of 18"), warnings.last);
  }

  @Test
  void aClassOfDamagedPicturesIsAnError() throws IOException {
    pets(folder);
    Files.createDirectory(folder.resolve("owl"));
    Files.write(folder.resolve("owl/o.jpg"), brokenJpeg());
    assertFailure(
        "class owl", () -> ImageFolder.open(folder, ColorMode.RGB, ImageFolder.Damaged.SKIP));
  }

  @Test
  void usesTheFoldersOfTheParts() throws IOException {
    pets(folder.resolve("train"));
    pets(folder.resolve("val"));
    pets(folder.resolve("test"));
    DataSplits splits = DataSplits.ofFolder(folder, ColorMode.RGB, ImageFolder.Damaged.FAIL, 1);
    assertEquals(16, splits.train().size());
    assertEquals(16, splits.validation().size());
    assertTrue(splits.test().describe(0).contains("test"));
    picture(folder.resolve("test/owl/o.png"), 1);
    assertFailure(
        "owl", () -> DataSplits.ofFolder(folder, ColorMode.RGB, ImageFolder.Damaged.FAIL, 1));
  }

  @Test
  void cutsTheMissingParts() throws IOException {
    pets(folder);
    DataSplits splits = DataSplits.ofFolder(folder, ColorMode.RGB, ImageFolder.Damaged.FAIL, 1);
    assertEquals(2, splits.test().size());
    assertEquals(2, splits.validation().size());
    assertEquals(12, splits.train().size());
  }

  private static final class WarningCounter extends Handler {
    private int count;
    private String last = "";

    @Override
    public void publish(LogRecord record) {
      count++;
      last = java.text.MessageFormat.format(record.getMessage(), record.getParameters());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  private static void assertFailure(String part, Executable call) {
    String message = assertThrows(GradusException.class, call).getMessage();
    assertTrue(message.contains(part), message);
  }
}
