package gradus.predict;

import gradus.data.image.Image;

/** Maps of how much each pixel matters. */
final class Heat {
  private Heat() {}

  /** Divides by the largest value, so that it is 1; nothing but zeros stays as it is. */
  static Image of(float[] values, int height, int width) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, value);
    }
    float[] scaled = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      scaled[i] = largest > 0 ? values[i] / largest : 0;
    }
    return Image.ofFloats(1, height, width, scaled);
  }

  /** Bilinear, with the corners of the pixels aligned: {@code align_corners=False} in PyTorch. */
  static float[] enlarge(Image map, int height, int width) {
    float[] result = new float[height * width];
    for (int y = 0; y < height; y++) {
      double row = place(y, map.height(), height);
      int top = (int) row;
      int below = Math.min(top + 1, map.height() - 1);
      for (int x = 0; x < width; x++) {
        double column = place(x, map.width(), width);
        int left = (int) column;
        int right = Math.min(left + 1, map.width() - 1);
        double down = row - top;
        double across = column - left;
        double above = (1 - across) * map.value(0, top, left) + across * map.value(0, top, right);
        double under =
            (1 - across) * map.value(0, below, left) + across * map.value(0, below, right);
        result[y * width + x] = (float) ((1 - down) * above + down * under);
      }
    }
    return result;
  }

  private static double place(int i, int from, int to) {
    return Math.max(0, Math.min(from - 1, (i + 0.5) * from / to - 0.5));
  }
}
