package gradus.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.data.image.ColorMode;
import gradus.data.image.Image;
import gradus.data.image.ImageDecoder;
import gradus.data.transform.Resize;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class DataCheckTest {
  private final Shapes shapes = Shapes.of(300, 3);

  /** Images of one's own choice. */
  private record Chosen(String name, List<Image> pictures, List<Integer> labels)
      implements Dataset {
    @Override
    public int size() {
      return pictures.size();
    }

    @Override
    public Sample get(int index) {
      return new Sample(pictures.get(index), labels.get(index));
    }

    @Override
    public int label(int index) {
      return labels.get(index);
    }

    @Override
    public List<String> classNames() {
      return List.of("no", "yes");
    }

    @Override
    public String contentHash() {
      return name;
    }
  }

  private Chosen chosen(String name, int first, int count) {
    Chosen set = new Chosen(name, new ArrayList<>(), new ArrayList<>());
    for (int i = first; i < first + count; i++) {
      set.pictures.add(shapes.get(i).image());
      set.labels.add(i % 2);
    }
    return set;
  }

  private static Image recompressed(Image image) throws IOException {
    BufferedImage rgb =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        int red = image.level(0, y, x);
        rgb.setRGB(x, y, red << 16 | image.level(1, y, x) << 8 | image.level(2, y, x));
      }
    }
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(rgb, "jpeg", jpeg));
    return new ImageDecoder(ColorMode.RGB).decode(jpeg.toByteArray(), Path.of("x.jpeg"));
  }

  @Test
  void cleanPartsHaveNoPairs() {
    DataCheck check =
        DataCheck.of(
            new DataSplits(chosen("a", 0, 200), chosen("b", 200, 40), chosen("c", 240, 60)));
    assertEquals(List.of(), check.same());
    assertEquals(List.of(), check.near());
    assertEquals(List.of("train", "validation", "test"), names(check));
    assertEquals(Map.of("no", 30, "yes", 30), check.parts().get(2).classCounts());
    assertEquals(Map.of("32 x 32", 200), check.parts().get(0).sizes());
    assertEquals(40, check.parts().get(1).images());
  }

  private static List<String> names(DataCheck check) {
    return check.parts().stream().map(DataCheck.Part::name).toList();
  }

  @Test
  void findsTheSamePictureAcrossPartsWithinOneAndWithAnotherLabel() {
    Chosen train = chosen("a", 0, 100);
    Chosen test = chosen("c", 200, 50);
    test.pictures.set(7, train.get(13).image()); // both labels are 1
    train.pictures.set(40, train.get(30).image());
    test.pictures.set(8, train.get(15).image());
    DataCheck check = DataCheck.of(new DataSplits(train, chosen("b", 150, 20), test));
    assertEquals(3, check.same().size());
    DataCheck.Pair within = check.same().get(0);
    assertFalse(within.crossesParts());
    assertFalse(within.contradicts());
    DataCheck.Pair leak = check.same().get(1);
    assertEquals(new DataCheck.Place("train", "yes", "image 13 of a"), leak.first());
    assertEquals(new DataCheck.Place("test", "yes", "image 7 of c"), leak.second());
    assertTrue(leak.crossesParts());
    assertFalse(leak.contradicts());
    assertTrue(check.same().get(2).crossesParts());
    assertTrue(check.same().get(2).contradicts());
    assertEquals(List.of(), check.near());
  }

  @Test
  void findsRecompressedRescaledAndBrightenedPictures() throws IOException {
    Chosen train = chosen("a", 0, 100);
    Chosen test = chosen("c", 200, 50);
    // Larger than it is usual here: in 32 x 32 pixels the noise of a JPEG is as large as details.
    Image large = Resize.exact(96, 96).apply(train.get(20).image(), new SplittableRandom(1));
    train.pictures.set(20, large);
    test.pictures.set(3, recompressed(large));
    test.pictures.set(
        4, Resize.exact(64, 64).apply(train.get(21).image(), new SplittableRandom(1)));
    float[] bright = new float[3 * 32 * 32];
    for (int i = 0; i < bright.length; i++) {
      bright[i] = 0.1f + 0.85f * train.get(22).image().valueAt(i);
    }
    test.pictures.set(5, Image.ofFloats(3, 32, 32, bright));
    DataCheck check = DataCheck.of(new DataSplits(train, chosen("b", 150, 20), test));
    assertEquals(List.of(), check.same());
    List<String> found =
        check.near().stream()
            .map(pair -> pair.first().description() + " " + pair.second().description())
            .map(text -> text.replaceAll("image (\\d+) of", "$1"))
            .map(text -> text.startsWith("2") ? text : text.replaceAll("(.*c) (.*a)", "$2 $1"))
            .sorted()
            .toList();
    assertEquals(List.of("20 a 3 c", "21 a 4 c", "22 a 5 c"), found);
    assertTrue(check.near().stream().allMatch(pair -> pair.distance() <= 24));
    assertEquals(48, check.parts().get(2).sizes().get("32 x 32"));
    assertEquals(1, check.parts().get(2).sizes().get("64 x 64"));
  }

  @Test
  void flatPicturesAreNotNear() {
    Chosen train = chosen("a", 0, 20);
    for (int i = 0; i < 10; i++) {
      byte[] grey = new byte[3 * 32 * 32];
      Arrays.fill(grey, (byte) (10 * i));
      train.pictures.set(i, Image.ofBytes(3, 32, 32, grey));
    }
    DataCheck check =
        DataCheck.of(new DataSplits(train, chosen("b", 150, 20), chosen("c", 200, 20)));
    assertEquals(List.of(), check.near());
    assertThrows(
        GradusException.class, () -> DataCheck.of(new DataSplits(train, train, train), 65));
  }
}
