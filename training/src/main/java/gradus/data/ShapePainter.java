package gradus.data;

import java.util.SplittableRandom;

/**
 * Paints one picture of {@link Shapes}. A shape is a signed distance: negative inside, in pixels;
 * half a pixel around zero is blended, which smooths the edges.
 *
 * <p>Chance comes from {@code nextLong} alone and angles from {@link StrictMath}, so that every
 * Java platform paints the same bytes.
 */
final class ShapePainter {
  private static final int SIDE = Shapes.SIDE;
  private static final int PLANE = SIDE * SIDE;
  private static final int STROKES = 3;
  private static final float NOISE = 0.08f;

  /** Colours at least this far apart, of at most 1.73, are easy to tell in spite of the noise. */
  private static final float CONTRAST = 0.7f;

  private final SplittableRandom random;
  private final float[] canvas = new float[3 * PLANE];

  ShapePainter(SplittableRandom random) {
    this.random = random;
  }

  /** An outline. */
  enum Kind {
    DISC,
    SQUARE,
    TRIANGLE,
    CROSS,
    RING;

    String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** The distance of the point (u, v), seen from the shape's centre, to its edge. */
    float distance(float u, float v, float radius) {
      float au = Math.abs(u);
      float av = Math.abs(v);
      return switch (this) {
        case DISC -> (float) Math.sqrt(u * u + v * v) - 0.9f * radius;
        case SQUARE -> Math.max(au, av) - 0.8f * radius;
        case TRIANGLE -> Math.max(0.866f * au - 0.5f * v, v) - 0.55f * radius;
        case CROSS -> Math.max(Math.min(au, av) - 0.3f * radius, Math.max(au, av) - radius);
        case RING -> Math.abs((float) Math.sqrt(u * u + v * v) - 0.76f * radius) - 0.24f * radius;
      };
    }
  }

  /** The pixels, {@code [3,32,32]}. */
  byte[] paint(Kind kind, boolean striped) {
    float[] background = color();
    for (int c = 0; c < 3; c++) {
      java.util.Arrays.fill(canvas, c * PLANE, (c + 1) * PLANE, background[c]);
    }
    // Strokes lie behind the shape: across it, one would look like a stripe.
    for (int i = 0; i < STROKES; i++) {
      paintStroke(color());
    }
    float[] fill = colorUnlike(background, background);
    paintShape(kind, fill, striped ? colorUnlike(fill, background) : fill);
    return noisyLevels();
  }

  private void paintShape(Kind kind, float[] fill, float[] stripe) {
    float centerX = SIDE / 2f + uniform(-4, 4);
    float centerY = SIDE / 2f + uniform(-4, 4);
    float radius = uniform(7, 12);
    double turn = Math.toRadians(uniform(-20, 20));
    float cos = (float) StrictMath.cos(turn);
    float sin = (float) StrictMath.sin(turn);
    double direction = uniform(0, (float) Math.PI);
    float stripeU = (float) StrictMath.cos(direction);
    float stripeV = (float) StrictMath.sin(direction);
    float period = uniform(4, 5.5f);
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        float dx = x + 0.5f - centerX;
        float dy = y + 0.5f - centerY;
        float u = cos * dx + sin * dy;
        float v = cos * dy - sin * dx;
        float cover = 0.5f - kind.distance(u, v, radius);
        if (cover > 0) {
          float phase = (u * stripeU + v * stripeV) / period;
          phase -= (float) Math.floor(phase);
          float inStripe = clamp((0.25f - Math.abs(phase - 0.5f)) * period + 0.5f);
          for (int c = 0; c < 3; c++) {
            float color = fill[c] + (stripe[c] - fill[c]) * inStripe;
            blend(c, y, x, color, clamp(cover));
          }
        }
      }
    }
  }

  /** A thin straight line somewhere. */
  private void paintStroke(float[] color) {
    float fromX = uniform(0, SIDE);
    float fromY = uniform(0, SIDE);
    double direction = uniform(0, (float) (2 * Math.PI));
    float length = uniform(5, 12);
    float dirX = (float) StrictMath.cos(direction);
    float dirY = (float) StrictMath.sin(direction);
    float halfWidth = uniform(0.4f, 0.8f);
    float toX = fromX + length * dirX;
    float toY = fromY + length * dirY;
    int top = Math.max(0, (int) Math.min(fromY, toY) - 2);
    int bottom = Math.min(SIDE, (int) Math.max(fromY, toY) + 3);
    int left = Math.max(0, (int) Math.min(fromX, toX) - 2);
    int right = Math.min(SIDE, (int) Math.max(fromX, toX) + 3);
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        float dx = x + 0.5f - fromX;
        float dy = y + 0.5f - fromY;
        float along = Math.max(0, Math.min(length, dx * dirX + dy * dirY));
        float ax = dx - along * dirX;
        float ay = dy - along * dirY;
        float cover = 0.5f + halfWidth - (float) Math.sqrt(ax * ax + ay * ay);
        if (cover > 0) {
          for (int c = 0; c < 3; c++) {
            blend(c, y, x, color[c], clamp(cover));
          }
        }
      }
    }
  }

  private byte[] noisyLevels() {
    byte[] levels = new byte[canvas.length];
    // The sum of four uniform 16-bit numbers is close to normal: variance 4/12, in units of 2^16.
    float scale = NOISE * (float) Math.sqrt(3) / 65536f;
    for (int i = 0; i < levels.length; i++) {
      long bits = random.nextLong();
      long sum =
          (bits & 0xffff) + ((bits >>> 16) & 0xffff) + ((bits >>> 32) & 0xffff) + (bits >>> 48);
      float value = canvas[i] + (sum - 131070) * scale;
      levels[i] = (byte) (int) (clamp(value) * 255f + 0.5f);
    }
    return levels;
  }

  private void blend(int c, int y, int x, float color, float cover) {
    int i = (c * SIDE + y) * SIDE + x;
    canvas[i] += (color - canvas[i]) * cover;
  }

  private float[] color() {
    return new float[] {uniform(0, 1), uniform(0, 1), uniform(0, 1)};
  }

  private float[] colorUnlike(float[] one, float[] other) {
    while (true) {
      float[] result = color();
      if (far(result, one) && far(result, other)) {
        return result;
      }
    }
  }

  private static boolean far(float[] a, float[] b) {
    float sum = 0;
    for (int c = 0; c < 3; c++) {
      sum += (a[c] - b[c]) * (a[c] - b[c]);
    }
    return sum > CONTRAST * CONTRAST;
  }

  private static float clamp(float value) {
    return Math.max(0f, Math.min(1f, value));
  }

  private float uniform(float low, float high) {
    return low + (high - low) * ((random.nextLong() >>> 40) * 0x1p-24f);
  }
}
