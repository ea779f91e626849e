package gradus.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchArchiveTest {
  @TempDir Path folder;
  private Path file;
  private final Map<String, byte[]> entries = new LinkedHashMap<>();

  /** The vector [1, 2]. */
  @BeforeEach
  void archive() {
    file = folder.resolve("m.pth");
    entries.put("data.pkl", TorchBytes.pickle("FloatStorage", 2, 0, List.of(2L), List.of(1L)));
    entries.put("byteorder", TorchBytes.latin("little"));
    ByteBuffer numbers = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    entries.put("data/0", numbers.putFloat(1).putFloat(2).array());
  }

  private void refused(String... parts) throws IOException {
    TorchBytes.write(file, entries);
    refusedAsItIs(parts);
  }

  private void refusedAsItIs(String... parts) {
    String message =
        assertThrows(GradusException.class, () -> StoredWeights.open(file).close()).getMessage();
    assertTrue(message.contains(file.toString()), message);
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void readsWhatLiesThere() throws IOException {
    TorchBytes.write(file, entries);
    try (StoredWeights stored = StoredWeights.open(file)) {
      assertEquals(2, stored.read("w").values().get(1));
    }
    entries.remove("byteorder"); // which the first versions did not write
    TorchBytes.write(file, entries);
    StoredWeights.open(file).close();
  }

  @Test
  void saysWhatToDoAboutOtherArchives() throws IOException {
    entries.put("constants.pkl", TorchBytes.latin("\u0080\u0002)."));
    refused("TorchScript", "torch.jit.load");
    entries.clear();
    entries.put("weights.npy", new byte[4]);
    refused("without a data.pkl");
  }

  @Test
  void refusesWhatIsMissing() throws IOException {
    entries.remove("data/0");
    refused("lacks m/data/0");
  }

  @Test
  void refusesNumbersOfABigEndianMachine() throws IOException {
    entries.put("byteorder", TorchBytes.latin("big"));
    refused("big-endian");
  }

  @Test
  void refusesAPickleThatIsTooLarge() throws IOException {
    entries.put("data.pkl", new byte[TorchFile.MAX_PICKLE_BYTES + 1]);
    refused("8388609 bytes");
  }

  @Test
  void refusesWhatIsCompressed() throws IOException {
    for (String compressed : List.of("data.pkl", "data/0")) {
      try (OutputStream out = Files.newOutputStream(file);
          ZipOutputStream zip = new ZipOutputStream(out)) {
        for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
          ZipEntry made = new ZipEntry("m/" + entry.getKey());
          byte[] content = entry.getValue();
          if (entry.getKey().equals(compressed)) {
            content = Arrays.copyOf(content, 50_000_000); // most of it nothing
          }
          zip.putNextEntry(made);
          zip.write(content);
          zip.closeEntry();
        }
      }
      refusedAsItIs("m/", "compressed");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"state_dict.pth", "checkpoint.pth", "legacy.pth"})
  void refusesTruncatedFiles(String name) throws IOException {
    byte[] whole = Files.readAllBytes(TorchFileTest.resource(name));
    // Looking for the end of an archive takes a while, so not at each.
    for (int length = 0; length < whole.length; length += length + 100 < whole.length ? 31 : 1) {
      Files.write(file, Arrays.copyOf(whole, length));
      refusedAsItIs();
    }
  }

  @Test
  void refusesATableOfContentsThatLies() throws IOException {
    TorchBytes.write(file, entries);
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int entry = content.getInt(bytes.length - 22 + 16);
    for (int i = 0; i < 2; i++) { // to the line of data/0
      entry += 46 + content.getShort(entry + 28) + content.getShort(entry + 30);
    }
    content.putInt(entry + 20, Integer.MAX_VALUE).putInt(entry + 24, Integer.MAX_VALUE);
    Files.write(file, bytes);
    refusedAsItIs("m/data/0 does not lie inside the file");
    content.putInt(entry + 20, 8).putInt(entry + 24, 8).putInt(entry + 42, Integer.MAX_VALUE);
    Files.write(file, bytes);
    refusedAsItIs("damaged");
  }
}
