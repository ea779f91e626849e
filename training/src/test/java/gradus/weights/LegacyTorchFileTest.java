package gradus.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LegacyTorchFileTest {
  private static final String MACHINE =
      "\u0080\u0002}" + TorchBytes.text("little_endian") + "\u0088s.";
  private static final String KEYS = "\u0080\u0002]" + TorchBytes.text("0") + "a.";
  private static final byte[] PICKLE =
      TorchBytes.pickle("FloatStorage", 2, 0, List.of(2L), List.of(1L));
  private static final byte[] NUMBERS =
      ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putFloat(1).putFloat(2).array();

  @TempDir Path folder;

  private StoredWeights open(String machine, String keys, long count) throws IOException {
    Path file = folder.resolve("old.pth");
    Files.write(file, TorchBytes.legacy(PICKLE, machine, keys, count, NUMBERS));
    return StoredWeights.open(file);
  }

  private void refused(String part, String machine, String keys, long count) {
    String message =
        assertThrows(GradusException.class, () -> open(machine, keys, count)).getMessage();
    assertTrue(message.contains("old.pth") && message.contains(part), message);
  }

  @Test
  void readsNumbersBehindTheirCount() throws IOException {
    try (StoredWeights stored = open(MACHINE, KEYS, 2)) {
      assertEquals(2, stored.read("w").values().get(1));
    }
  }

  @Test
  void refusesWhatIsNotTrue() {
    refused("big-endian", MACHINE.replace('\u0088', '\u0089'), KEYS, 2);
    refused("list of storages", MACHINE, "K\u0001.", 2);
    refused("nothing in it refers to", MACHINE, KEYS.replace('0', '1'), 2);
    refused("lacks the storage 0", MACHINE, "].", 2);
    refused("does not end inside the file", MACHINE, KEYS, 3);
    refused("does not end inside the file", MACHINE, KEYS, -1);
    refused("does not end inside the file", MACHINE, KEYS, Long.MAX_VALUE);
    refused("of 2 numbers, for which the file has 4 bytes", MACHINE, KEYS, 1);
  }
}
