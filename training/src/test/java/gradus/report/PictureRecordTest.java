package gradus.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gradus.GradusException;
import gradus.data.image.Image;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureRecordTest {
  @TempDir Path folder;

  private static BufferedImage picture(JsonNode node) throws IOException {
    String base64 = node.get("image").asText().substring("data:image/png;base64,".length());
    return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(base64)));
  }

  @Test
  void holdsEachPictureAndItsViews() throws IOException {
    Image original = Image.ofBytes(1, 1, 2, new byte[] {(byte) 200, 10});
    Image view = Image.ofFloats(1, 1, 2, new float[] {-0.5f, 1.5f}); // noise may leave 0 to 1
    AugmentedPicture picture =
        new AugmentedPicture(
            "cat/1.png", "cat", original, List.of(new AugmentedPicture.View(view, "dog")));
    Path file = folder.resolve("pictures.json");
    new PictureRecord(List.of(picture)).write(file);
    JsonNode row = new ObjectMapper().readTree(file.toFile()).at("/pictures/0");
    assertEquals("cat/1.png", row.get("name").asText());
    assertEquals("cat", row.get("label").asText());
    assertEquals(200, picture(row).getRaster().getSample(0, 0, 0));
    assertEquals(10, picture(row).getRaster().getSample(1, 0, 0));
    assertEquals("dog", row.at("/views/0/label").asText());
    assertEquals(0, picture(row.at("/views/0")).getRaster().getSample(0, 0, 0));
    assertEquals(255, picture(row.at("/views/0")).getRaster().getSample(1, 0, 0));
    Path nowhere = folder.resolve("none/pictures.json");
    GradusException e =
        assertThrows(
            GradusException.class, () -> new PictureRecord(List.of(picture)).write(nowhere));
    assertTrue(e.getMessage().contains("pictures.json"), e.getMessage());
  }

  /** Noise is the largest a picture can be. */
  @Test
  void largePicturesStaySmall() throws IOException {
    byte[] noise = new byte[3 * 224 * 224];
    new SplittableRandom(1).nextBytes(noise);
    Image image = Image.ofBytes(3, 224, 224, noise);
    AugmentedPicture.View view = new AugmentedPicture.View(image, "cat");
    AugmentedPicture picture =
        new AugmentedPicture("1.png", "cat", image, Collections.nCopies(PictureRecord.VIEWS, view));
    Path file = folder.resolve("pictures.json");
    new PictureRecord(Collections.nCopies(PictureRecord.PICTURES, picture)).write(file);
    assertTrue(Files.size(file) < 1_000_000, Files.size(file) + " bytes");
  }
}
