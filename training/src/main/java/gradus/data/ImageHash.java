package gradus.data;

import gradus.data.image.Image;
import gradus.data.transform.Resize;
import gradus.data.transform.Transform;
import java.util.SplittableRandom;

/**
 * A perceptual hash of 256 bits: the picture in grey, scaled to 17 x 16; each bit says whether a
 * pixel is clearly brighter than its right neighbour ("difference hash"). Scaling, recompression
 * and another brightness change few bits.
 */
record ImageHash(long a, long b, long c, long d) {
  static final int BITS = 256;

  private static final int ROWS = 16;
  private static final int COLUMNS = 17;
  private static final Transform SCALE = Resize.exact(ROWS, COLUMNS);

  static ImageHash of(Image image) {
    Image small = SCALE.apply(grey(image), new SplittableRandom(0));
    long[] words = new long[4];
    for (int y = 0; y < ROWS; y++) {
      for (int x = 0; x < COLUMNS - 1; x++) {
        if (small.level(0, y, x) > small.level(0, y, x + 1)) {
          int bit = y * (COLUMNS - 1) + x;
          words[bit & 3] |= 1L << (bit >> 2); // every word sees all of the picture
        }
      }
    }
    return new ImageHash(words[0], words[1], words[2], words[3]);
  }

  private static Image grey(Image image) {
    int plane = image.height() * image.width();
    byte[] levels = new byte[image.size()];
    image.writeLevels(levels, 0);
    if (image.channels() < 3) {
      return Image.ofBytes(1, image.height(), image.width(), levels);
    }
    byte[] grey = new byte[plane];
    for (int i = 0; i < plane; i++) {
      float value =
          0.299f * (levels[i] & 0xff)
              + 0.587f * (levels[plane + i] & 0xff)
              + 0.114f * (levels[2 * plane + i] & 0xff);
      grey[i] = (byte) (int) (value + 0.5f);
    }
    return Image.ofBytes(1, image.height(), image.width(), grey);
  }

  int bitsSet() {
    return Long.bitCount(a) + Long.bitCount(b) + Long.bitCount(c) + Long.bitCount(d);
  }

  /** How many bits differ. */
  int distance(ImageHash other) {
    return Long.bitCount(a ^ other.a)
        + Long.bitCount(b ^ other.b)
        + Long.bitCount(c ^ other.c)
        + Long.bitCount(d ^ other.d);
  }
}
