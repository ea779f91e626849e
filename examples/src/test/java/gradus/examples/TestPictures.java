package gradus.examples;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/** Small picture folders for tests: "high" has its bright half above, "low" below. */
public final class TestPictures {
  private static final int SIDE = 8;

  private TestPictures() {}

  /** A folder with two classes. */
  public static Path folder(Path parent, int perClass) throws IOException {
    Path folder = parent.resolve("pictures");
    for (String label : new String[] {"high", "low"}) {
      Path classFolder = Files.createDirectories(folder.resolve(label));
      for (int i = 0; i < perClass; i++) {
        write(classFolder.resolve(i + ".png"), label.equals("high"), i);
      }
    }
    return folder;
  }

  /** One picture. */
  public static void write(Path file, boolean high, long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(new Color(random.nextInt(100), random.nextInt(100), random.nextInt(100)));
    graphics.fillRect(0, 0, SIDE, SIDE);
    graphics.setColor(
        new Color(150 + random.nextInt(100), 150 + random.nextInt(100), 150 + random.nextInt(100)));
    graphics.fillRect(0, high ? 0 : SIDE / 2, SIDE, SIDE / 2);
    graphics.dispose();
    if (!ImageIO.write(image, "png", file.toFile())) {
      throw new IOException("no PNG writer");
    }
  }
}
