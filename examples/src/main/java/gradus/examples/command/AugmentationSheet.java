package gradus.examples.command;

import gradus.GradusException;
import gradus.data.DataLoader;
import gradus.data.image.Image;
import gradus.tensor.Batch;
import gradus.tensor.Shape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;

/** A picture of pictures: in each row one as it is, and then as it is in some epochs. */
final class AugmentationSheet {
  static final int ROWS = 8;
  private static final int EPOCHS = 7;
  private static final int GAP = 4;
  private static final int LEAST_SIDE = 64;
  private static final int WHITE = 0xffffff;

  private final BufferedImage sheet;
  private final int zoom;
  private final int cellHeight;
  private final int cellWidth;

  private AugmentationSheet(Shape image) {
    zoom = Math.max(1, LEAST_SIDE / Math.min(image.dim(1), image.dim(2)));
    cellHeight = image.dim(1) * zoom + GAP;
    cellWidth = image.dim(2) * zoom + GAP;
    // The first column stands apart.
    int width = (EPOCHS + 1) * cellWidth + 3 * GAP;
    sheet = new BufferedImage(width, ROWS * cellHeight + GAP, BufferedImage.TYPE_INT_RGB);
    int[] background = new int[sheet.getWidth() * sheet.getHeight()];
    Arrays.fill(background, WHITE);
    sheet.setRGB(0, 0, sheet.getWidth(), sheet.getHeight(), background, 0, sheet.getWidth());
  }

  /** Paints the samples that an epoch of {@code loader} has in its one batch. */
  static AugmentationSheet paint(DataLoader loader, int... samples) {
    Shape shape = loader.imageShape();
    AugmentationSheet sheet = new AugmentationSheet(shape);
    for (int row = 0; row < ROWS; row++) {
      sheet.paint(row, 0, loader.dataset().get(samples[row]).image());
    }
    int size = (int) shape.size();
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
      for (Batch batch : loader.epoch(epoch)) {
        for (int row = 0; row < batch.size(); row++) {
          float[] values = new float[size];
          batch.images().get(row * size, values);
          sheet.paint(
              row, epoch + 1, Image.ofFloats(shape.dim(0), shape.dim(1), shape.dim(2), values));
        }
      }
    }
    return sheet;
  }

  private void paint(int row, int column, Image image) {
    int top = GAP + row * cellHeight;
    int left = GAP + column * cellWidth + (column > 0 ? GAP : 0);
    for (int y = 0; y < cellHeight - GAP; y++) {
      for (int x = 0; x < cellWidth - GAP; x++) {
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          rgb = rgb << 8 | image.level(Math.min(c, image.channels() - 1), y / zoom, x / zoom);
        }
        sheet.setRGB(left + x, top + y, rgb);
      }
    }
  }

  BufferedImage picture() {
    return sheet;
  }

  void write(Path file) {
    try {
      ImageIO.write(sheet, "png", file.toFile());
    } catch (IOException e) {
      throw new GradusException("Cannot write " + file + ": " + e.getMessage(), e);
    }
  }
}
