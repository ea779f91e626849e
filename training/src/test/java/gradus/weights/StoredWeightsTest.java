package gradus.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredWeightsTest {
  @TempDir Path folder;

  @Test
  void theContentSaysWhatAFileIs() throws IOException {
    for (String name : new String[] {"checkpoint.pth", "legacy.pth"}) {
      Path file = folder.resolve(name + ".safetensors");
      Files.copy(TorchFileTest.resource(name), file);
      try (StoredWeights stored = StoredWeights.open(file)) {
        assertTrue(stored.names().contains("conv.bias"));
      }
    }
    Path file = folder.resolve("m.pth");
    SafeTensors.write(file, Map.of("a", Weight.of(Shape.of(1), 1f)), Map.of());
    try (StoredWeights stored = StoredWeights.open(file)) {
      assertEquals(Set.of("a"), stored.names());
    }
  }

  /** The first four bytes of a zip archive are a possible length of a safetensors header. */
  @Test
  void aHeaderAsLongAsAnArchivesBeginningIsNoArchive() throws IOException {
    Path file = folder.resolve("m.safetensors");
    byte[] bytes = {'P', 'K', 3, 4, 0, 0, 0, 0, '{', '}'};
    Files.write(file, bytes);
    String message =
        assertThrows(GradusException.class, () -> StoredWeights.open(file)).getMessage();
    assertTrue(message.contains("its header should end at byte 67324760"), message);
  }

  @Test
  void explainsWhatIsNoFile() {
    for (Path file : new Path[] {folder.resolve("no.pth"), folder}) {
      String message =
          assertThrows(GradusException.class, () -> StoredWeights.open(file)).getMessage();
      assertTrue(message.contains(file.toString()), message);
    }
  }
}
