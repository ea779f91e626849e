package gradus.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class CifarTest {
  private static final int PIXELS = 3072;
  @TempDir Path folder;

  private static byte[] records(int count, int labelBytes, int seed) {
    byte[] file = TinyFiles.randomBytes(count * (labelBytes + PIXELS), seed);
    for (int i = 0; i < count; i++) {
      Arrays.fill(
          file, i * (labelBytes + PIXELS), i * (labelBytes + PIXELS) + labelBytes, (byte) i);
    }
    return file;
  }

  private void writeTrain(Path to) throws IOException {
    for (int b = 1; b <= 5; b++) {
      Files.write(to.resolve("data_batch_" + b + ".bin"), records(b, 1, b));
    }
  }

  @Test
  void readsAllFilesInOrder() throws IOException {
    writeTrain(folder);
    Dataset cifar = Cifar10.train(folder);
    assertEquals(15, cifar.size());
    // The third file's second record.
    assertEquals(1, cifar.label(4));
    byte[] third = records(3, 1, 3);
    int record = 1 + PIXELS;
    assertEquals(third[record + 1 + 1024 + 5 * 32 + 9] & 0xff, cifar.get(4).image().level(1, 5, 9));
    assertEquals("airplane", cifar.classNames().get(0));
  }

  @Test
  void findsTheFolderOfTheArchive() throws IOException {
    writeTrain(Files.createDirectory(folder.resolve("cifar-10-batches-bin")));
    assertEquals(15, Cifar10.train(folder).size());
    assertFailure("test_batch.bin", () -> Cifar10.test(folder));
  }

  @Test
  void refusesTruncatedFiles() throws IOException {
    Files.write(folder.resolve("test_batch.bin"), Arrays.copyOf(records(3, 1, 1), 3 * 3073 - 10));
    assertFailure("ends at offset 6146", () -> Cifar10.test(folder));
    Files.write(folder.resolve("test_batch.bin"), new byte[0]);
    assertFailure("test_batch.bin", () -> Cifar10.test(folder));
  }

  @Test
  void refusesLabelsOutOfRange() throws IOException {
    byte[] file = records(3, 1, 1);
    file[2 * 3073] = (byte) 200;
    Files.write(folder.resolve("test_batch.bin"), file);
    assertFailure("offset 6146: the label is 200", () -> Cifar10.test(folder));
  }

  @Test
  void readsFineLabelsOfCifar100() throws IOException {
    byte[] file = records(4, 2, 1);
    file[2 * 3074] = 19;
    file[2 * 3074 + 1] = 99;
    Files.write(folder.resolve("test.bin"), file);
    assertFailure("fine_label_names.txt", () -> Cifar100.test(folder));
    Path names = folder.resolve("fine_label_names.txt");
    Files.write(names, IntStream.range(0, 100).mapToObj(i -> "name" + i).toList());
    Dataset cifar = Cifar100.test(folder);
    assertEquals(99, cifar.label(2));
    assertEquals("name99", cifar.classNames().get(99));
    assertEquals(file[2 * 3074 + 2] & 0xff, cifar.get(2).image().level(0, 0, 0));
    Files.writeString(names, "only one\n");
    assertFailure("100 classes", () -> Cifar100.test(folder));
  }

  private static void assertFailure(String part, Executable call) {
    String message = assertThrows(GradusException.class, call).getMessage();
    assertTrue(message.contains(part), message);
  }
}
