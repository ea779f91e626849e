package gradus.weights;

import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever a file of PyTorch holds, reading it ends in tensors or in one explained exception. */
class TorchFileFuzzTest {
  private static final List<byte[]> VALID = new ArrayList<>();
  private static Path file;

  @BeforeContainer
  static void readValidFiles() throws IOException {
    file = Files.createTempFile("fuzz", ".pth");
    for (String name :
        List.of(
            "state_dict.pth",
            "checkpoint.pth",
            "checkpoint_protocol4.pth",
            "legacy.pth",
            "training_state.pth")) {
      VALID.add(Files.readAllBytes(TorchFileTest.resource(name)));
    }
  }

  @AfterContainer
  static void deleteFile() throws IOException {
    Files.deleteIfExists(file);
  }

  private static void readsOrExplains(byte[] content) throws IOException {
    Files.write(file, content);
    try (StoredWeights read = StoredWeights.open(file)) {
      for (String name : read.names()) {
        readOrExplain(read, name);
      }
    } catch (GradusException e) {
      assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    }
  }

  private static void readOrExplain(StoredWeights read, String name) {
    try {
      // With a stride of nothing a few bytes are any number of values; models ask for their own.
      if (read.shape(name).size() < 1 << 20) {
        read.read(name);
      }
    } catch (GradusException e) {
      assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
    }
  }

  @Property(tries = 1500)
  void changedBytes(@ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int changes)
      throws IOException {
    Random random = new Random(seed);
    byte[] content = VALID.get(random.nextInt(VALID.size())).clone();
    for (int i = 0; i < changes; i++) {
      content[random.nextInt(content.length)] = (byte) random.nextInt();
    }
    readsOrExplains(content);
  }

  /** Stretches of bytes that come twice, or not at all. */
  @Property(tries = 700)
  void movedBytes(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    byte[] content = VALID.get(random.nextInt(VALID.size())).clone();
    int length = 1 + random.nextInt(60);
    int from = random.nextInt(content.length - length);
    int to = random.nextInt(content.length - length);
    System.arraycopy(content, from, content, to, length);
    readsOrExplains(content);
  }
}
