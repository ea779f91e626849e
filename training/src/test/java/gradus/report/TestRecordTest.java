package gradus.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.GradusException;
import gradus.data.Dataset;
import gradus.data.Shapes;
import gradus.data.image.Image;
import gradus.train.Evaluation;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestRecordTest {
  private static final int CLASSES = 10;

  @TempDir Path folder;

  /** All right but the last, which is given the class after its own. */
  private static TestMetrics judge(Dataset data) {
    TestMetrics metrics = new TestMetrics(CLASSES);
    float[] logits = new float[data.size() * CLASSES];
    int[] labels = new int[data.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = data.label(i);
      int said = i == labels.length - 1 ? (labels[i] + 1) % CLASSES : labels[i];
      logits[i * CLASSES + said] = 4;
    }
    metrics.add(logits, CLASSES, IntBuffer.wrap(labels));
    return metrics;
  }

  private static BufferedImage picture(String dataUri) throws IOException {
    String base64 = dataUri.substring("data:image/png;base64,".length());
    return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(base64)));
  }

  @Test
  void holdsTheMistakesWithTheirPictures() throws IOException {
    Dataset data = Shapes.of(20, 1);
    Path file = folder.resolve("test.json");
    new TestRecord(data, new Evaluation(20, 0.2, 0.95), judge(data)).write(file);
    JsonNode test = new ObjectMapper().readTree(file.toFile());
    assertEquals(1, test.get("mistakes").size());
    JsonNode mistake = test.at("/mistakes/0");
    assertEquals(data.label(19), mistake.get("label").asInt());
    assertEquals(data.describe(19), mistake.get("name").asText());
    assertEquals(1 / (1 + 9 * Math.exp(-4)), mistake.get("confidence").asDouble(), 1e-12);
    Image image = data.get(19).image();
    BufferedImage shown = picture(mistake.get("image").asText());
    assertEquals(image.width(), shown.getWidth());
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        assertEquals(image.level(0, y, x), shown.getRGB(x, y) >> 16 & 0xff);
        assertEquals(image.level(image.channels() - 1, y, x), shown.getRGB(x, y) & 0xff);
      }
    }
  }

  /** docs/run-files.md names everything that is in the file, and nothing else. */
  @Test
  void theSchemaIsDocumented() throws IOException {
    String page = Files.readString(Path.of("../docs/run-files.md"));
    int begin = page.indexOf("## test.json");
    String section = page.substring(begin, page.indexOf("\n## ", begin + 1));
    Set<String> documented =
        Pattern.compile("`(\\w+)`")
            .matcher(section)
            .results()
            .map(name -> name.group(1))
            .collect(Collectors.toSet());
    Dataset data = Shapes.of(20, 1);
    Path file = folder.resolve("test.json");
    new TestRecord(data, new Evaluation(20, 0.2, 0.95), judge(data)).write(file);
    Set<String> written = new HashSet<>();
    collectNames(new ObjectMapper().readTree(file.toFile()), written);
    assertEquals(written, documented);
  }

  private static void collectNames(JsonNode node, Set<String> names) {
    node.fieldNames().forEachRemaining(names::add);
    node.forEach(child -> collectNames(child, names));
  }

  @Test
  void largePicturesAreScaledDownInProportion() throws IOException {
    byte[] gray = new byte[300 * 100];
    java.util.Arrays.fill(gray, (byte) 200);
    BufferedImage shown = picture(Thumbnail.dataUri(Image.ofBytes(1, 300, 100, gray)));
    assertEquals(96, shown.getHeight());
    assertEquals(32, shown.getWidth());
    assertEquals(200, shown.getRaster().getSample(5, 50, 0), "grey keeps its levels");
  }

  @Test
  void numbersOfOtherDataAreRefused() {
    Dataset data = Shapes.of(20, 1);
    TestMetrics metrics = judge(data);
    Evaluation result = new Evaluation(20, 0.2, 0.95);
    String message =
        assertThrows(GradusException.class, () -> new TestRecord(Shapes.of(30, 1), result, metrics))
            .getMessage();
    assertTrue(message.contains("20 examples") && message.contains("has 30"), message);
    int[] backwards = new int[20];
    for (int i = 0; i < 20; i++) {
      backwards[i] = 19 - i;
    }
    TestRecord shuffled = new TestRecord(data.subset(backwards), result, metrics);
    message =
        assertThrows(GradusException.class, () -> shuffled.write(folder.resolve("test.json")))
            .getMessage();
    assertTrue(message.contains("keep the order"), message);
  }

  @Test
  void aNetworkThatGivesNoNumbersHasNoRecord() {
    TestMetrics metrics = new TestMetrics(CLASSES);
    assertFalse(metrics.isComplete());
    float[] logits = new float[CLASSES];
    metrics.add(logits, CLASSES, IntBuffer.wrap(new int[] {0}));
    assertTrue(metrics.isComplete());
    logits[3] = Float.NaN;
    metrics.add(logits, CLASSES, IntBuffer.wrap(new int[] {0}));
    assertFalse(metrics.isComplete());
    Dataset one = Shapes.of(20, 1).take(1);
    assertThrows(
        GradusException.class, () -> new TestRecord(one, new Evaluation(1, 1, 1), metrics));
  }
}
