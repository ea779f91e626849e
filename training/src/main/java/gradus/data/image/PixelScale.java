package gradus.data.image;

/**
 * What is done to every value of a channel on its way into a batch: {@code value * scale[c] +
 * shift[c]}. There are only 256 bytes, so their results are looked up.
 */
public final class PixelScale {
  private static final int LEVELS = 256;

  private final float[] scale;
  private final float[] perLevel;
  private final float[] shift;
  private final float[][] table;
  private final boolean identity;

  private PixelScale(float[] scale, float[] shift, boolean identity) {
    this.scale = scale;
    this.shift = shift;
    this.identity = identity;
    perLevel = new float[scale.length];
    table = new float[scale.length][LEVELS];
    for (int c = 0; c < scale.length; c++) {
      perLevel[c] = scale[c] / 255f;
      for (int level = 0; level < LEVELS; level++) {
        // Rounded once, as backends do that are given the bytes.
        table[c][level] = identity ? level / 255f : Math.fma(level, perLevel[c], shift[c]);
      }
    }
  }

  /** One factor and one summand for each channel. */
  public static PixelScale of(float[] scale, float[] shift) {
    return new PixelScale(scale.clone(), shift.clone(), false);
  }

  /** Leaves the values as they are. */
  public static PixelScale identity(int channels) {
    return new PixelScale(new float[channels], new float[channels], true);
  }

  /** For how many channels. */
  public int channels() {
    return scale.length;
  }

  /** What each channel's bytes, 0 to 255, are multiplied by; not to be changed. */
  public float[] perLevel() {
    return perLevel;
  }

  /** What is added to each channel; not to be changed. */
  public float[] shift() {
    return shift;
  }

  /** What becomes of each of the 256 bytes. */
  float[] table(int channel) {
    return table[channel];
  }

  void applyToRow(int channel, float[] from, int begin, float[] to, int start, int count) {
    if (identity) {
      System.arraycopy(from, begin, to, start, count);
      return;
    }
    float factor = scale[channel];
    float summand = shift[channel];
    for (int i = 0; i < count; i++) {
      to[start + i] = from[begin + i] * factor + summand;
    }
  }
}
