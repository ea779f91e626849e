package gradus.data.transform;

import gradus.data.image.Image;
import java.util.SplittableRandom;

/** Small images to transform, and their levels. */
final class Pictures {
  private Pictures() {}

  /** One channel of the given levels. */
  static Image gray(int width, int... levels) {
    byte[] pixels = new byte[levels.length];
    for (int i = 0; i < levels.length; i++) {
      pixels[i] = (byte) levels[i];
    }
    return Image.ofBytes(1, levels.length / width, width, pixels);
  }

  /** One pixel. */
  static Image rgb(int red, int green, int blue) {
    return Image.ofBytes(3, 1, 1, new byte[] {(byte) red, (byte) green, (byte) blue});
  }

  /** Every pixel another level, by chance. */
  static Image noise(int channels, int height, int width) {
    byte[] pixels = new byte[channels * height * width + 5];
    new SplittableRandom(3).nextBytes(pixels);
    return Image.ofBytes(channels, height, width, pixels, 5);
  }

  /** The same with floats. */
  static Image floats(Image image) {
    float[] values = new float[image.size()];
    image.writeTo(values, 0);
    return Image.ofFloats(image.channels(), image.height(), image.width(), values);
  }

  static int[] levels(Image image) {
    int[] levels = new int[image.size()];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = image.level(0, 0, i);
    }
    return levels;
  }
}
