package gradus.data.npy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzTest {
  @TempDir Path folder;

  private Path resource(String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream in = NpzTest.class.getResourceAsStream("/numpy/" + name)) {
      Files.copy(in, file);
    }
    return file;
  }

  private static void refused(Npz file, String name, String... parts) {
    GradusException e = assertThrows(GradusException.class, () -> file.read(name));
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }

  @Test
  void aFileThatIsNotThereIsSaidToBeMissing() {
    Path nowhere = folder.resolve("nowhere.npz");
    String message = assertThrows(GradusException.class, () -> Npz.open(nowhere)).getMessage();
    assertEquals("There is no file " + nowhere + ".", message);
  }

  /** The file and its expected values come from resources/numpy/make.py. */
  @Test
  void readsWhatNumPyWrote() throws IOException {
    try (Npz file = Npz.open(resource("arrays.npz"))) {
      assertEquals(
          List.of("f4", "f8", "u1", "i4", "i8", "scalar", "empty", "text", "half"), file.names());
      for (String name : List.of("f4", "f8", "u1", "i4", "i8")) {
        NpyArray array = file.read(name);
        assertEquals(name + "[2, 3, 4]", array.toString());
        for (int i = 0; i < 24; i++) {
          switch (array.type()) {
            case F4, F8 -> assertEquals(i / 8.0, array.doubleAt(i));
            case U1 -> assertEquals(200 + i, array.longAt(i));
            case I4 -> assertEquals(-1000L * i, array.longAt(i));
            case I8 -> assertEquals(i * 1_000_000_000_000L, array.longAt(i));
          }
        }
      }
      assertEquals(2.5, file.read("scalar").doubleAt(0));
      assertEquals(0, file.read("scalar").shape().length);
      assertArrayEquals(new int[] {0, 3}, file.read("empty").shape());
      refused(file, "text", "<U1", "astype");
      refused(file, "half", "<f2", "astype");
      refused(file, "none", "none", "f4", "arrays.npz");
    }
  }

  @Test
  void readsVersionTwo() throws IOException {
    byte[] content = Files.readAllBytes(resource("version2.npy"));
    NpyArray array = NpyFormat.read(new ByteArrayInputStream(content), content.length, "v2");
    assertEquals("i4[2, 3, 4]", array.toString());
    assertEquals(23, array.longAt(23));
  }

  @Test
  void whatIsWrittenIsRead() {
    Map<String, NpyArray> arrays = new LinkedHashMap<>();
    arrays.put("bytes", NpyArray.of(new byte[] {0, -1, 7}, 3));
    arrays.put("floats", NpyArray.of(new float[] {1.5f, Float.NaN, -0f, 3}, 2, 2));
    arrays.put("doubles", NpyArray.of(new double[] {Math.PI}));
    arrays.put("ints", NpyArray.of(new int[] {Integer.MIN_VALUE, 3}, 1, 2, 1));
    arrays.put("longs", NpyArray.of(new long[] {Long.MAX_VALUE, -3}, 2));
    arrays.put("empty", NpyArray.of(new int[0], 0, 5));
    Path path = folder.resolve("out.npz");
    Npz.write(path, arrays);
    try (Npz file = Npz.open(path)) {
      assertEquals(new ArrayList<>(arrays.keySet()), file.names());
      arrays.forEach(
          (name, array) -> {
            NpyArray read = file.read(name);
            assertEquals(array.toString(), read.toString());
            assertEquals(array.data(), read.data());
          });
      assertEquals(255, file.read("bytes").longAt(1));
    }
    assertThrows(GradusException.class, () -> NpyArray.of(new int[3], 2, 2));
  }

  private static byte[] npy(String header, int elements) {
    String padded = header + "\n";
    byte[] content = new byte[10 + padded.length() + elements];
    System.arraycopy(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}, 0, content, 0, 8);
    content[8] = (byte) padded.length();
    content[9] = (byte) (padded.length() >> 8);
    System.arraycopy(padded.getBytes(StandardCharsets.ISO_8859_1), 0, content, 10, padded.length());
    return content;
  }

  private static void refused(byte[] content, String part) {
    GradusException e =
        assertThrows(
            GradusException.class,
            () -> NpyFormat.read(new ByteArrayInputStream(content), content.length, "a.npy"));
    assertTrue(e.getMessage().contains(part) && e.getMessage().contains("a.npy"), e.getMessage());
  }

  @Test
  void headersThatLieAreRefused() throws IOException {
    String good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    byte[] whole = npy(good, 24);
    assertEquals(6, NpyFormat.read(new ByteArrayInputStream(whole), whole.length, "a.npy").size());
    refused(npy(good, 23), "truncated");
    refused(npy(good, 25), "goes on");
    refused(npy(good.replace("2, 3", "2000000000, 2000000000"), 24), "cannot hold");
    refused(npy(good.replace("2, 3", "99999999999"), 24), "extents");
    refused(npy(good.replace("2, 3", "-2, 3"), 24), "dictionary");
    refused(npy(good.replace("2, 3", "2, 3, 0x1"), 24), "dictionary");
    refused(npy(good.replace("<f4", "|O"), 24), "astype");
    refused(npy(good.replace("'shape'", "'size'"), 24), "dictionary");
    refused(npy(good.replace("False", "Maybe"), 24), "dictionary");
    refused(npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2,)}", 8), "plain");
    refused(new byte[] {1, 2, 3}, "truncated");
    whole[6] = 3;
    refused(whole, "version 3.0");
    whole[6] = 2; // now the header's length has four bytes
    refused(whole, "claims");
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("text.npz"), "no zip");
    GradusException e = assertThrows(GradusException.class, () -> Npz.open(file));
    assertTrue(e.getMessage().contains("text.npz"), e.getMessage());
    assertThrows(GradusException.class, () -> Npz.open(folder.resolve("none.npz")));
  }
}
