package gradus.weights;

import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever a file holds, reading it ends in tensors or in one explained exception. */
class SafeTensorsFuzzTest {
  private static final String JSON_CHARACTERS = "{}[]\",:0123456789-.eEFIB_ \\u\n";
  private static Path file;
  private static byte[] valid;

  @BeforeContainer
  static void makeValidFile() throws IOException {
    file = Files.createTempFile("fuzz", ".safetensors");
    Map<String, Weight> weights = new LinkedHashMap<>();
    weights.put("conv.weight", Weight.of(Shape.of(2, 1, 2, 2), 1, 2, 3, 4, 5, 6, 7, 8));
    weights.put("conv.bias", Weight.of(Shape.of(2), 9, 10));
    weights.put("n", Weight.of(Shape.SCALAR, 11));
    SafeTensors.write(file, weights, Map.of("format", "pt"));
    valid = Files.readAllBytes(file);
  }

  @AfterContainer
  static void deleteFile() throws IOException {
    Files.deleteIfExists(file);
  }

  /** Reads everything; true if the file was accepted. */
  private static boolean accepted(byte[] content) throws IOException {
    Files.write(file, content);
    try (SafeTensors read = SafeTensors.open(file)) {
      for (String name : read.names()) {
        // No tensor can be larger than the file it came from.
        assertTrue(read.shape(name).size() * 2 <= content.length);
        read.read(name);
      }
      return true;
    } catch (GradusException e) {
      assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
      return false;
    }
  }

  @Property(tries = 2000)
  void changedBytes(@ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int changes)
      throws IOException {
    Random random = new Random(seed);
    byte[] content = valid.clone();
    for (int i = 0; i < changes; i++) {
      content[random.nextInt(content.length)] = (byte) random.nextInt();
    }
    accepted(content);
  }

  @Property(tries = 2000)
  void changedHeaderText(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int changes)
      throws IOException {
    Random random = new Random(seed);
    int headerBytes = (int) ByteBuffer.wrap(valid).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    StringBuilder header =
        new StringBuilder(new String(valid, 8, headerBytes, StandardCharsets.UTF_8));
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(header.length());
      char c = JSON_CHARACTERS.charAt(random.nextInt(JSON_CHARACTERS.length()));
      switch (random.nextInt(4)) {
        case 0 -> header.setCharAt(at, c);
        case 1 -> header.insert(at, c);
        case 2 -> header.deleteCharAt(at);
        default -> {
          int end = Math.min(header.length(), at + random.nextInt(60));
          header.insert(random.nextInt(header.length()), header.substring(at, end));
        }
      }
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    int dataStart = 8 + headerBytes;
    byte[] content = new byte[8 + json.length + valid.length - dataStart];
    ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json);
    System.arraycopy(valid, dataStart, content, 8 + json.length, valid.length - dataStart);
    accepted(content);
  }

  @Property(tries = 500)
  void randomBytes(@ForAll byte[] content) throws IOException {
    accepted(content);
  }

  @Property(tries = 20)
  void theValidFileIsAccepted() throws IOException {
    assertTrue(accepted(valid));
  }
}
