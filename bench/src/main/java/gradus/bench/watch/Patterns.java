package gradus.bench.watch;

import gradus.data.Dataset;
import gradus.data.Sample;
import gradus.data.image.Image;
import gradus.tensor.Shape;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Noise over one fixed pattern of each class: images of any shape and number that a network learns
 * well, so that a run on them is a healthy one. After {@link #DIFFERENT} they come again, so that
 * memory does not grow with their number.
 */
final class Patterns implements Dataset {
  static final int DIFFERENT = 50_000;

  private static final int CLASSES = 10;
  private static final int NOISE = 100; // levels, of 256; patterns move a pixel by up to 40
  private static final int CONTRAST = 40;

  private final Shape shape;
  private final int size;
  private final byte[][] images;

  /** So many images {@code [C,H,W]}; those of another seed have the same patterns. */
  Patterns(Shape shape, int size, long seed) {
    this.shape = shape;
    this.size = size;
    int pixels = (int) shape.size();
    SplittableRandom random = new SplittableRandom(0);
    int[][] patterns = new int[CLASSES][pixels];
    for (int[] pattern : patterns) {
      for (int i = 0; i < pixels; i++) {
        pattern[i] = 128 + random.nextInt(-CONTRAST, CONTRAST + 1);
      }
    }
    random = new SplittableRandom(seed);
    images = new byte[Math.min(size, DIFFERENT)][pixels];
    for (int n = 0; n < images.length; n++) {
      int[] pattern = patterns[n % CLASSES];
      for (int i = 0; i < pixels; i++) {
        int level = pattern[i] + random.nextInt(-NOISE, NOISE + 1);
        images[n][i] = (byte) Math.max(0, Math.min(255, level));
      }
    }
  }

  @Override
  public String name() {
    return "patterns";
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Sample get(int index) {
    return new Sample(
        Image.ofBytes(shape.dim(0), shape.dim(1), shape.dim(2), images[index % images.length]),
        label(index));
  }

  @Override
  public int label(int index) {
    return index % CLASSES;
  }

  @Override
  public List<String> classNames() {
    return IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList();
  }
}
