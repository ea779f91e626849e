package gradus.data.npy;

import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever a file holds, reading it ends in arrays or in one explained exception. */
class NpzFuzzTest {
  private static Path file;
  private static byte[] archive;
  private static byte[] array;

  @BeforeContainer
  static void makeValidFiles() throws IOException {
    file = Files.createTempFile("fuzz", ".npz");
    NpyArray numbers = NpyArray.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
    Npz.write(file, Map.of("a", numbers));
    archive = Files.readAllBytes(file);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    NpyFormat.write(numbers, out);
    array = out.toByteArray();
  }

  @AfterContainer
  static void deleteFile() throws IOException {
    Files.deleteIfExists(file);
  }

  private static byte[] changed(byte[] content, int changes, int cut, long seed) {
    Random random = new Random(seed);
    byte[] bytes = Arrays.copyOf(content, content.length - cut % content.length);
    for (int i = 0; i < changes; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return bytes;
  }

  @Property(tries = 2000)
  void changedArchives(
      @ForAll @IntRange(max = 4) int changes,
      @ForAll @IntRange(max = 60) int cut,
      @ForAll long seed)
      throws IOException {
    Files.write(file, changed(archive, changes, cut, seed));
    try (Npz npz = Npz.open(file)) {
      for (String name : npz.names()) {
        assertTrue(npz.read(name).size() <= 1032 * archive.length);
      }
    } catch (GradusException e) {
      assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    }
  }

  @Property(tries = 5000)
  void changedArrays(
      @ForAll @IntRange(max = 4) int changes,
      @ForAll @IntRange(max = 60) int cut,
      @ForAll long seed)
      throws IOException {
    byte[] bytes = changed(array, changes, cut, seed);
    try {
      NpyArray read = NpyFormat.read(new ByteArrayInputStream(bytes), bytes.length, "a.npy");
      for (int i = 0; i < read.size(); i++) {
        read.doubleAt(i);
        read.longAt(i);
      }
    } catch (GradusException e) {
      assertTrue(e.getMessage().contains("a.npy"), e.getMessage());
    }
  }

  @Property(tries = 2000)
  void changedHeaders(@ForAll @IntRange(min = 1, max = 3) int changes, @ForAll long seed)
      throws IOException {
    Random random = new Random(seed);
    byte[] bytes = array.clone();
    String characters = "{}()',: 0123456789<>|fiutTrueFalse-.\n";
    for (int i = 0; i < changes; i++) {
      bytes[10 + random.nextInt(60)] =
          (byte) characters.charAt(random.nextInt(characters.length()));
    }
    try {
      NpyFormat.read(new ByteArrayInputStream(bytes), bytes.length, "a.npy");
    } catch (GradusException e) {
      assertTrue(e.getMessage().contains("a.npy"), e.getMessage());
    }
  }
}
