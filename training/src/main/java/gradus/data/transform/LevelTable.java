package gradus.data.transform;

import gradus.data.image.Image;

/**
 * A change of colour that gives every one of the 256 levels of a channel another one. A float image
 * is rounded to levels by it.
 */
final class LevelTable {
  private static final int LEVELS = 256;

  /** One table for each channel, or one for all. */
  private final int[][] tables;

  private LevelTable(int[]... tables) {
    this.tables = tables;
  }

  /** Keeps the upper {@code bits} of 8. */
  static LevelTable posterize(int bits) {
    int mask = LEVELS - (1 << (8 - bits));
    int[] table = new int[LEVELS];
    for (int i = 0; i < LEVELS; i++) {
      table[i] = i & mask;
    }
    return new LevelTable(table);
  }

  /** Inverts levels from {@code threshold} on. */
  static LevelTable solarize(double threshold) {
    int[] table = new int[LEVELS];
    for (int i = 0; i < LEVELS; i++) {
      table[i] = i >= threshold ? LEVELS - 1 - i : i;
    }
    return new LevelTable(table);
  }

  /** Stretches each channel so that its least level becomes 0 and its largest 255. */
  static LevelTable stretched(Image image) {
    int[][] tables = new int[image.channels()][LEVELS];
    for (int c = 0; c < tables.length; c++) {
      int[] histogram = histogram(image, c);
      int least = 0;
      while (histogram[least] == 0) {
        least++;
      }
      int most = LEVELS - 1;
      while (histogram[most] == 0) {
        most--;
      }
      for (int i = 0; i < LEVELS; i++) {
        tables[c][i] =
            most == least ? i : Math.max(0, Math.min(255, (i - least) * 255 / (most - least)));
      }
    }
    return new LevelTable(tables);
  }

  /** Flattens each channel's histogram as PIL does. */
  static LevelTable equalized(Image image) {
    int[][] tables = new int[image.channels()][LEVELS];
    for (int c = 0; c < tables.length; c++) {
      int[] histogram = histogram(image, c);
      int last = LEVELS - 1;
      while (histogram[last] == 0) {
        last--;
      }
      int step = (image.height() * image.width() - histogram[last]) / (LEVELS - 1);
      int before = 0;
      for (int i = 0; i < LEVELS; i++) {
        tables[c][i] = step == 0 ? i : Math.min(LEVELS - 1, (before + step / 2) / step);
        before += histogram[i];
      }
    }
    return new LevelTable(tables);
  }

  private static int[] histogram(Image image, int channel) {
    int[] counts = new int[LEVELS];
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        counts[image.level(channel, y, x)]++;
      }
    }
    return counts;
  }

  Image apply(Image image) {
    Canvas canvas = Canvas.like(image);
    int plane = canvas.plane();
    for (int c = 0; c < image.channels(); c++) {
      int[] table = tables[Math.min(c, tables.length - 1)];
      for (int i = 0; i < plane; i++) {
        canvas.set(c * plane + i, table[image.level(c, 0, i)] / 255f);
      }
    }
    return canvas.image();
  }
}
