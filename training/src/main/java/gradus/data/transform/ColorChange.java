package gradus.data.transform;

/**
 * Changes of colour, in place: torchvision's {@code adjust_*}. Images of three channels are red,
 * green, blue; any other number has no colour, so that saturation and hue leave it alone.
 */
final class ColorChange {
  private static final float RED = 0.2989f;
  private static final float GREEN = 0.587f;
  private static final float BLUE = 0.114f;

  private ColorChange() {}

  /** {@code factor * value}. */
  static void brightness(Canvas canvas, float factor) {
    for (int i = 0; i < canvas.channels() * canvas.plane(); i++) {
      canvas.set(i, unit(factor * canvas.get(i)));
    }
  }

  /** {@code factor * value + (1 - factor) * mean}, the mean of the image in grey. */
  static void contrast(Canvas canvas, float factor) {
    double sum = 0;
    int plane = canvas.plane();
    for (int i = 0; i < plane; i++) {
      sum += canvas.channels() == 3 ? gray(canvas, i) : canvas.get(i);
    }
    float rest = (1 - factor) * (float) (sum / plane);
    for (int i = 0; i < canvas.channels() * plane; i++) {
      canvas.set(i, unit(factor * canvas.get(i) + rest));
    }
  }

  /** {@code factor * value + (1 - factor) * grey} of each pixel. */
  static void saturation(Canvas canvas, float factor) {
    if (canvas.channels() != 3) {
      return;
    }
    int plane = canvas.plane();
    for (int i = 0; i < plane; i++) {
      float rest = (1 - factor) * gray(canvas, i);
      for (int at = i; at < 3 * plane; at += plane) {
        canvas.set(at, unit(factor * canvas.get(at) + rest));
      }
    }
  }

  /** Turns the hue by {@code turn} of the colour circle, -0.5 to 0.5. */
  static void hue(Canvas canvas, float turn) {
    if (canvas.channels() != 3) {
      return;
    }
    int plane = canvas.plane();
    for (int i = 0; i < plane; i++) {
      float r = canvas.get(i);
      float g = canvas.get(i + plane);
      float b = canvas.get(i + 2 * plane);
      float most = Math.max(r, Math.max(g, b));
      float range = most - Math.min(r, Math.min(g, b));
      if (range == 0) {
        continue; // grey has no hue
      }
      float sextant;
      if (most == r) {
        sextant = (g - b) / range;
      } else if (most == g) {
        sextant = 2 + (b - r) / range;
      } else {
        sextant = 4 + (r - g) / range;
      }
      sextant += 6 * turn + 12;
      canvas.set(i, most - range * lack(5 + sextant));
      canvas.set(i + plane, most - range * lack(3 + sextant));
      canvas.set(i + 2 * plane, most - range * lack(1 + sextant));
    }
  }

  /** How much of the range a channel lacks to the most: the closed form of HSV to RGB. */
  private static float lack(float sextant) {
    float k = sextant % 6;
    return Math.max(0, Math.min(1, Math.min(k, 4 - k)));
  }

  /** The luma of pixel {@code i} (ITU-R 601). */
  static float gray(Canvas canvas, int i) {
    int plane = canvas.plane();
    return RED * canvas.get(i) + GREEN * canvas.get(i + plane) + BLUE * canvas.get(i + 2 * plane);
  }

  private static float unit(float value) {
    return Math.max(0f, Math.min(1f, value));
  }
}
