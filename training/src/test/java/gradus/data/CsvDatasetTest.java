package gradus.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.data.image.ColorMode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvDatasetTest {
  @TempDir Path folder;
  private Path csv;

  @BeforeEach
  void pictures() throws IOException {
    csv = folder.resolve("index.csv");
    Files.createDirectories(folder.resolve("img"));
    for (int i = 0; i < 30; i++) {
      picture("img/" + i + ".png", i);
    }
    picture("a, \"b\".png", 99);
  }

  private void picture(String name, int level) throws IOException {
    BufferedImage image = new BufferedImage(5, 4, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, level << 16);
    assertTrue(ImageIO.write(image, "png", folder.resolve(name).toFile()));
  }

  private Dataset open(String content) throws IOException {
    Files.writeString(csv, content);
    return CsvDataset.open(csv);
  }

  private void refused(String content, String... parts) {
    GradusException e = assertThrows(GradusException.class, () -> open(content));
    assertTrue(e.getMessage().contains(csv.toString()), e.getMessage());
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }

  @Test
  void aFileThatIsNotThereIsSaidToBeMissing() {
    String message = assertThrows(GradusException.class, () -> CsvDataset.open(csv)).getMessage();
    assertEquals("There is no file " + csv + ".", message);
  }

  @Test
  void readsQuotedFieldsOtherColumnsAndByteOrderMarks() throws IOException {
    Dataset set =
        open(
            "\ufeffid,label,file\r\n7,dog,img/3.png\r\n\r\n8,\"cat, small\",\"a, \"\"b\"\".png\"\r\n"
                + ("9,dog," + folder.resolve("img/4.png") + "\r\n"));
    assertEquals(List.of("cat, small", "dog"), set.classNames());
    assertEquals(3, set.size());
    assertEquals(3, set.get(0).image().level(0, 0, 0));
    assertEquals(99, set.get(1).image().level(0, 0, 0));
    assertEquals(0, set.label(1));
    assertEquals(1, set.get(2).label());
    assertEquals(4, set.get(2).image().level(0, 0, 0));
    assertEquals(folder.resolve("img/3.png").toString(), set.describe(0));
    String hash = set.contentHash();
    picture("img/3.png", 4);
    assertNotEquals(hash, CsvDataset.open(csv).contentHash());
  }

  @Test
  void numbersAreSortedAsNumbers() throws IOException {
    Dataset set = open("file,label\nimg/0.png,10\nimg/1.png,9\nimg/2.png,0\n");
    assertEquals(List.of("0", "9", "10"), set.classNames());
    assertEquals(2, set.label(0));
  }

  @Test
  void errorsNameTheLine() {
    refused("path,label\nimg/0.png,a\n", "line 1", "file", "path");
    refused("", "line 1");
    refused("file,label\n", "no row");
    refused("file,label\nimg/0.png,a\nimg/77.png,b\n", "line 3", "77.png", "relative");
    refused("file,label\nimg/0.png,a\nimg/1.png\n", "line 3", "label");
    refused("file,label\nimg/0.png,a\nimg/1.png,  \n", "line 3", "label");
    refused("file,label\nimg/0.png,a\n\"img/1.png,b\n", "line 3");
    refused("file,label\nimg/0.png,a\nimg/1.png,a\n", "two classes");
    refused("file,label,split\nimg/0.png,a,train\nimg/1.png,b,tset\n", "line 3", "tset");
    refused("file,label,label\nimg/0.png,a,b\n", "label");
  }

  @Test
  void anotherEncodingIsRefused() throws IOException {
    Files.write(csv, "file,label\nimg/0.png,\u00e4\n".getBytes(StandardCharsets.ISO_8859_1));
    GradusException e = assertThrows(GradusException.class, () -> CsvDataset.open(csv));
    assertTrue(e.getMessage().contains("UTF-8"), e.getMessage());
    Files.delete(csv);
    assertThrows(GradusException.class, () -> CsvDataset.open(csv));
  }

  private static String rows(boolean splits) {
    StringBuilder rows = new StringBuilder(splits ? "file,label,split\n" : "file,label\n");
    for (int i = 0; i < 30; i++) {
      rows.append("img/").append(i).append(".png,").append(i % 2 == 0 ? "even" : "odd");
      if (splits) {
        rows.append(i < 20 ? ",train" : i < 24 ? ",valid" : ",test");
      }
      rows.append('\n');
    }
    return rows.toString();
  }

  @Test
  void aColumnSaysWhichPart() throws IOException {
    Files.writeString(csv, rows(true));
    DataSplits parts = DataSplits.ofCsv(csv, ColorMode.RGB, ImageFolder.Damaged.FAIL, 1);
    assertEquals(20, parts.train().size());
    assertEquals(4, parts.validation().size());
    assertEquals(6, parts.test().size());
    assertEquals(24, parts.test().get(0).image().level(0, 0, 0));
    assertEquals("split test of csv index.csv", parts.test().origin());
    Files.writeString(csv, rows(true).replace(",train", ",val"));
    GradusException e =
        assertThrows(
            GradusException.class,
            () -> DataSplits.ofCsv(csv, ColorMode.RGB, ImageFolder.Damaged.FAIL, 1));
    assertTrue(e.getMessage().contains("train"), e.getMessage());
  }

  @Test
  void withoutThatColumnPartsAreCutOff() throws IOException {
    Files.writeString(csv, rows(false));
    DataSplits parts = DataSplits.ofCsv(csv, ColorMode.GRAY, ImageFolder.Damaged.FAIL, 1);
    assertEquals(30, parts.train().size() + parts.validation().size() + parts.test().size());
    assertArrayEquals(new int[] {2, 2}, parts.test().classCounts());
    assertEquals(1, parts.train().get(0).image().channels());
  }

  @Test
  void damagedPicturesAreLeftOutOfTheirSplit() throws IOException {
    Files.writeString(csv, rows(true));
    Files.writeString(folder.resolve("img/21.png"), "no picture");
    DataSplits parts = DataSplits.ofCsv(csv, ColorMode.RGB, ImageFolder.Damaged.SKIP, 1);
    assertEquals(20, parts.train().size());
    assertEquals(3, parts.validation().size());
    assertEquals(22, parts.validation().get(1).image().level(0, 0, 0));
    assertEquals(24, parts.test().get(0).image().level(0, 0, 0));
    assertEquals(29, CsvDataset.open(csv, ColorMode.RGB, ImageFolder.Damaged.SKIP).size());
  }
}
