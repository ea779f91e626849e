package gradus.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.data.image.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistTest {
  @TempDir Path folder;
  private Path images;
  private Path labels;

  @BeforeEach
  void writeFiles() throws IOException {
    TinyFiles.mnist(folder, 25);
    images = folder.resolve("train-images-idx3-ubyte");
    labels = folder.resolve("train-labels-idx1-ubyte");
  }

  @Test
  void readsImagesAndLabels() {
    Dataset mnist = Mnist.train(folder);
    byte[] pixels = TinyFiles.randomBytes(25 * 20, 1);
    assertEquals(25, mnist.size());
    assertEquals(10, mnist.classNames().size());
    assertEquals(3, mnist.label(13));
    Image image = mnist.get(13).image();
    assertEquals("1 x 4 x 5 bytes", image.toString());
    assertEquals(pixels[13 * 20 + 2 * 5 + 3] & 0xff, image.level(0, 2, 3));
    assertEquals((pixels[13 * 20 + 19] & 0xff) / 255f, image.value(0, 3, 4));
    assertEquals(3, mnist.classCounts()[4]);
  }

  @Test
  void readsGzippedFilesAlike() throws IOException {
    String plainHash = Mnist.train(folder).contentHash();
    for (Path file : new Path[] {images, labels}) {
      byte[] content = Files.readAllBytes(file);
      Files.write(folder.resolve(file.getFileName() + ".gz"), TinyFiles.gzip(content));
      Files.delete(file);
    }
    Dataset mnist = Mnist.train(folder);
    assertEquals(25, mnist.size());
    assertEquals(plainHash, mnist.contentHash());
  }

  @Test
  void hashFollowsEveryByte() throws IOException {
    String before = Mnist.train(folder).contentHash();
    byte[] content = Files.readAllBytes(labels);
    content[8] = 7;
    Files.write(labels, content);
    assertTrue(!before.equals(Mnist.train(folder).contentHash()));
  }

  @Test
  void namesTheMissingFiles() {
    assertFailure("t10k-images-idx3-ubyte", () -> Mnist.test(folder));
    assertFailure(folder.toString(), () -> FashionMnist.test(folder));
  }

  @Test
  void refusesTruncatedFiles() throws IOException {
    byte[] content = Files.readAllBytes(images);
    Files.write(images, Arrays.copyOf(content, content.length - 1));
    assertFailure("end at offset 516, but the file ends at 515", () -> Mnist.train(folder));
    Files.write(images, Arrays.copyOf(content, content.length - 20));
    assertFailure("cannot hold: it is truncated", () -> Mnist.train(folder));
    Files.write(images, Arrays.copyOf(content, 6));
    assertFailure("ends at offset 6", () -> Mnist.train(folder));
    Files.write(images, new byte[0]);
    assertFailure("truncated", () -> Mnist.train(folder));
  }

  @Test
  void refusesTruncatedGzip() throws IOException {
    byte[] content = Files.readAllBytes(images);
    byte[] packed = TinyFiles.gzip(content);
    Files.write(images, Arrays.copyOf(packed, packed.length - 30));
    assertFailure("damaged gzip", () -> Mnist.train(folder));
    Files.write(images, TinyFiles.gzip(Arrays.copyOf(content, content.length - 3)));
    assertFailure("should end at offset 516, but the file ends at 513", () -> Mnist.train(folder));
    packed[packed.length / 2] ^= 0x55;
    Files.write(images, packed);
    assertFailure(images.toString(), () -> Mnist.train(folder));
  }

  @Test
  void refusesTrailingBytes() throws IOException {
    byte[] content = Files.readAllBytes(images);
    Files.write(images, Arrays.copyOf(content, content.length + 1));
    assertFailure("goes on after offset 516", () -> Mnist.train(folder));
  }

  @Test
  void refusesWrongMagic() throws IOException {
    Files.write(images, Files.readAllBytes(labels));
    assertFailure("00000801", () -> Mnist.train(folder));
  }

  @Test
  void refusesAbsurdExtentsWithoutAllocating() throws IOException {
    for (int[] extents :
        new int[][] {
          {Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE},
          {60_000, 28, 28},
          {-1, 28, 28},
          {25, 0, 5},
          {25, 1 << 16, 1 << 16}
        }) {
      byte[] file = TinyFiles.idx(new byte[500], extents);
      Files.write(images, file);
      assertFailure("exten", () -> Mnist.train(folder));
      Files.write(images, TinyFiles.gzip(file));
      assertFailure(images.toString(), () -> Mnist.train(folder));
    }
  }

  @Test
  void refusesCountsThatDiffer() throws IOException {
    Files.write(labels, TinyFiles.idx(new byte[24], 24));
    assertFailure("25 images", () -> Mnist.train(folder));
  }

  @Test
  void refusesLabelsOutOfRange() throws IOException {
    byte[] numbers = new byte[25];
    numbers[17] = 10;
    Files.write(labels, TinyFiles.idx(numbers, 25));
    assertFailure("offset 25: the label is 10", () -> Mnist.train(folder));
  }

  private static void assertFailure(String part, org.junit.jupiter.api.function.Executable call) {
    String message = assertThrows(GradusException.class, call).getMessage();
    assertTrue(message.contains(part), message);
  }
}
