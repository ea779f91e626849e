package gradus.doctor.cause;

import gradus.data.Dataset;
import gradus.data.Sample;
import gradus.data.image.Image;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;

/**
 * Pictures with horizontal stripes, vertical stripes or none, all different, and as hard as is
 * asked for: the stripes are faint in noise.
 *
 * @param seed of the noise
 * @param strength of the stripes, where the noise has a deviation of 1
 * @param labels by the class that a picture shows and its number
 */
record FaintStripes(int size, long seed, double strength, Naming labels) implements Dataset {
  /** What a picture is said to be. */
  interface Naming {
    int label(int shown, int index);
  }

  private static final int SIDE = 8;

  static FaintStripes of(int size, long seed, double strength) {
    return new FaintStripes(size, seed, strength, (shown, index) -> shown);
  }

  FaintStripes labelled(Naming other) {
    return new FaintStripes(size, seed, strength, other);
  }

  /** Labels that are drawn by lot in so many of a hundred pictures. */
  FaintStripes mislabelled(int percent) {
    IntUnaryOperator lot = index -> (int) (new SplittableRandom(index ^ seed).nextLong() >>> 33);
    return labelled(
        (shown, index) -> {
          int drawn = lot.applyAsInt(index);
          return drawn % 100 < percent ? drawn / 100 % 3 : shown;
        });
  }

  @Override
  public String name() {
    return "faint stripes";
  }

  @Override
  public Sample get(int index) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + index);
    float[] pixels = new float[SIDE * SIDE];
    for (int i = 0; i < pixels.length; i++) {
      int position = shown(index) == 0 ? i / SIDE : i % SIDE;
      double stripe = shown(index) == 2 ? 0 : position % 2 - 0.5;
      pixels[i] = (float) (2 * strength * stripe + random.nextGaussian());
    }
    return new Sample(Image.ofFloats(1, SIDE, SIDE, pixels), label(index));
  }

  private static int shown(int index) {
    return index % 3;
  }

  @Override
  public int label(int index) {
    return labels.label(shown(index), index);
  }

  @Override
  public List<String> classNames() {
    return List.of("horizontal", "vertical", "none");
  }

  @Override
  public String contentHash() {
    return name() + size + seed;
  }
}
