package gradus.examples.command;

import gradus.GradusException;
import gradus.data.image.Image;
import gradus.report.AugmentedPicture;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;

/** A picture of pictures: in each row one as it is, and then as it is in some epochs. */
final class AugmentationSheet {
  static final int ROWS = 8;
  static final int EPOCHS = 7;
  private static final int GAP = 4;
  private static final int LEAST_SIDE = 64;
  private static final int WHITE = 0xffffff;

  private final BufferedImage sheet;
  private final int zoom;
  private final int cellHeight;
  private final int cellWidth;

  private AugmentationSheet(int rows, int columns, int height, int width) {
    zoom = Math.max(1, LEAST_SIDE / Math.min(height, width));
    cellHeight = height * zoom + GAP;
    cellWidth = width * zoom + GAP;
    // The first column stands apart.
    sheet =
        new BufferedImage(
            columns * cellWidth + 3 * GAP, rows * cellHeight + GAP, BufferedImage.TYPE_INT_RGB);
    int[] background = new int[sheet.getWidth() * sheet.getHeight()];
    Arrays.fill(background, WHITE);
    sheet.setRGB(0, 0, sheet.getWidth(), sheet.getHeight(), background, 0, sheet.getWidth());
  }

  /** Paints a row for each picture. */
  static AugmentationSheet paint(List<AugmentedPicture> pictures) {
    Image first = pictures.get(0).original();
    AugmentationSheet sheet =
        new AugmentationSheet(
            pictures.size(), 1 + pictures.get(0).views().size(), first.height(), first.width());
    for (int row = 0; row < pictures.size(); row++) {
      AugmentedPicture picture = pictures.get(row);
      sheet.paint(row, 0, picture.original());
      for (int i = 0; i < picture.views().size(); i++) {
        sheet.paint(row, 1 + i, picture.views().get(i).image());
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
      throw new GradusException("Cannot write " + file + " (" + e + ").", e);
    }
  }
}
