package gradus.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.data.image.ColorMode;
import gradus.data.image.Image;
import gradus.data.transform.Resize;
import gradus.data.transform.Transform;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskCacheTest {
  private static final int PICTURES = 600; // more than are decoded together

  @TempDir Path temp;
  private Path pictures;
  private Path cache;
  private final AtomicInteger decoded = new AtomicInteger();

  /** Says how often it was asked. */
  private final class Fit implements Transform {
    private final int side;

    Fit(int side) {
      this.side = side;
    }

    @Override
    public Image apply(Image image, RandomGenerator random) {
      decoded.incrementAndGet();
      return Resize.exact(side, side).apply(image, random);
    }

    @Override
    public String toString() {
      return "fit " + side;
    }
  }

  @BeforeEach
  void draw() throws IOException {
    pictures = temp.resolve("pictures");
    cache = temp.resolve("a/cache");
    for (String label : List.of("cat", "dog")) {
      Files.createDirectories(pictures.resolve(label));
      for (int i = 0; i < PICTURES / 2; i++) {
        picture(label + "/" + i + ".png", label.equals("dog") ? 250 - i % 125 : i % 125);
      }
    }
  }

  private void picture(String name, int level) throws IOException {
    BufferedImage image = new BufferedImage(6 + level % 3, 5, BufferedImage.TYPE_INT_RGB);
    image.setRGB(level % 6, level % 5, level << 16 | 255);
    assertTrue(ImageIO.write(image, "png", pictures.resolve(name).toFile()));
  }

  private DataSplits open(long seed, int side) {
    DataSplits splits =
        DataSplits.ofFolder(pictures, ColorMode.RGB, ImageFolder.Damaged.FAIL, seed);
    return DiskCache.of(splits, new Fit(side), cache);
  }

  private void isRight(DataSplits cached, long seed, int side) {
    DataSplits plain = DataSplits.ofFolder(pictures, ColorMode.RGB, ImageFolder.Damaged.FAIL, seed);
    List<Dataset> expected = List.of(plain.train(), plain.validation(), plain.test());
    List<Dataset> found = List.of(cached.train(), cached.validation(), cached.test());
    for (int p = 0; p < 3; p++) {
      Dataset part = expected.get(p);
      assertEquals(part.size(), found.get(p).size());
      assertEquals(part.contentHash(), found.get(p).contentHash());
      for (int i = 0; i < part.size(); i += 7) {
        Image image = Resize.exact(side, side).apply(part.get(i).image(), null);
        assertArrayEquals(levels(image), levels(found.get(p).get(i).image()));
        assertEquals(part.label(i), found.get(p).get(i).label());
        assertEquals(part.describe(i), found.get(p).describe(i));
      }
    }
  }

  private static byte[] levels(Image image) {
    byte[] levels = new byte[image.size()];
    image.writeLevels(levels, 0);
    return levels;
  }

  private Path file() throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      List<Path> all = files.toList();
      assertEquals(1, all.size());
      return all.get(0);
    }
  }

  @Test
  void theSecondRunDecodesNothingWhateverTheSplit() {
    isRight(open(1, 8), 1, 8);
    int first = decoded.getAndSet(0);
    assertTrue(first >= PICTURES && first <= PICTURES + 1, "decoded " + first);
    isRight(open(1, 8), 1, 8);
    isRight(open(2, 8), 2, 8);
    assertEquals(0, decoded.get());
    isRight(open(1, 9), 1, 9); // another size is another file
    assertTrue(decoded.get() >= PICTURES);
  }

  @Test
  void manyThreadsReadTheSame() {
    Dataset train = open(1, 8).train();
    List<Integer> expected = IntStream.range(0, train.size()).mapToObj(i -> sum(train, i)).toList();
    List<Integer> found =
        IntStream.range(0, 20 * train.size())
            .parallel()
            .mapToObj(i -> sum(train, i % train.size()))
            .toList();
    for (int i = 0; i < found.size(); i++) {
      assertEquals(expected.get(i % train.size()), found.get(i));
    }
  }

  private static int sum(Dataset dataset, int index) {
    return Arrays.hashCode(levels(dataset.get(index).image()));
  }

  @Test
  void aChangedPictureIsDecodedAgain() throws IOException {
    open(1, 8);
    Path changed = pictures.resolve("dog/3.png");
    picture("dog/3.png", 9);
    Files.setLastModifiedTime(changed, FileTime.fromMillis(1_000_000));
    decoded.set(0);
    isRight(open(1, 8), 1, 8);
    assertTrue(decoded.get() >= PICTURES);
    Files.delete(changed);
    isRight(open(1, 8), 1, 8);
  }

  @Test
  void aDamagedFileIsMadeAnew() throws IOException {
    open(1, 8);
    Path file = file();
    byte[] whole = Files.readAllBytes(file);
    for (int damage = 0; damage < 5; damage++) {
      byte[] bytes = whole.clone();
      switch (damage) {
        case 0 -> bytes[64 + 12345]++;
        case 1 -> bytes[0]++;
        case 2 -> bytes[50]++; // channels, height, width
        case 3 -> bytes = Arrays.copyOf(whole, whole.length - 1);
        default -> bytes = new byte[10];
      }
      Files.write(file, bytes);
      decoded.set(0);
      isRight(open(1, 8), 1, 8);
      assertTrue(decoded.get() >= PICTURES, "damage " + damage);
      assertArrayEquals(whole, Files.readAllBytes(file));
    }
  }

  @Test
  void whatCannotBeKeptIsRefused() throws IOException {
    GradusException e =
        assertThrows(GradusException.class, () -> DiskCache.of(Shapes.splits(), new Fit(8), cache));
    assertTrue(e.getMessage().contains("shapes-train"), e.getMessage());
    DataSplits uneven = DataSplits.ofFolder(pictures, ColorMode.RGB, ImageFolder.Damaged.FAIL, 1);
    Transform asIs =
        new Transform() {
          @Override
          public Image apply(Image image, RandomGenerator random) {
            return image;
          }

          @Override
          public String toString() {
            return "as it is";
          }
        };
    GradusException sizes =
        assertThrows(GradusException.class, () -> DiskCache.of(uneven, asIs, cache));
    assertTrue(sizes.getMessage().contains("Resize"), sizes.getMessage());
    try (Stream<Path> files = Files.list(cache)) {
      assertEquals(0, files.count(), "nothing half-made is left");
    }
    Path blocked = Files.writeString(temp.resolve("file"), "");
    assertThrows(GradusException.class, () -> DiskCache.of(uneven, new Fit(8), blocked));
  }
}
