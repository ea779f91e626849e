package gradus.data;

import gradus.GradusException;
import gradus.data.image.Image;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A training split with made-up samples added until every class has as many as the largest: {@code
 * x + gap * (neighbour - x)}, where the neighbour is one of the k nearest of the same class
 * (squared distance of all pixels) and gap is drawn from 0 to 1. The samples themselves come first.
 *
 * <p>The same seed gives the same samples. Neighbours are searched when a sample is first asked
 * for, and remembered: put a {@link CachedDataset} before it if images come from files. All images
 * must be of one size. For training data alone.
 *
 * <p>Chawla and others, arXiv:1106.1813.
 */
public final class Smote implements Dataset {
  private final Dataset source;
  private final ClassMembers members;
  private final int neighbours;
  private final long seed;

  /** Of each made-up sample, the sample it starts from. */
  private final int[] bases;

  /** The nearest samples of each sample, once they were asked for. */
  private final AtomicReferenceArray<int[]> nearest;

  private Smote(Dataset source, ClassMembers members, int neighbours, long seed) {
    this.source = source;
    this.members = members;
    this.neighbours = neighbours;
    this.seed = seed;
    this.bases = bases();
    this.nearest = new AtomicReferenceArray<>(source.size());
  }

  /** With five neighbours, as in the paper. */
  public static Smote of(Dataset train, long seed) {
    return of(train, 5, seed);
  }

  /**
   * With {@code neighbours} nearest neighbours, at least 1.
   *
   * @throws GradusException if a class that needs more has a single sample, which has no neighbour
   */
  public static Smote of(Dataset train, int neighbours, long seed) {
    if (neighbours < 1) {
      throw new GradusException(
          "Smote: " + neighbours + " neighbours; at least 1 is needed, and 5 are usual.");
    }
    ClassMembers members = ClassMembers.of(train);
    for (int c = 0; c < members.classes(); c++) {
      if (members.size(c) == 1 && members.largest() > 1) {
        throw new GradusException(
            "Smote: the class "
                + train.classNames().get(c)
                + " has a single sample, and so no neighbour; gather more, or use"
                + " OversamplingSampler.");
      }
    }
    return new Smote(train, members, neighbours, seed);
  }

  /** Every sample of a small class in turn, in random order. */
  private int[] bases() {
    SplittableRandom random = new SplittableRandom(RandomStreams.mix(seed));
    int[] result = new int[Math.multiplyExact(members.largest(), members.present())];
    int count = 0;
    for (int c = 0; c < members.classes(); c++) {
      int[] samples = members.of(c);
      RandomStreams.shuffle(samples, random);
      for (int i = 0; samples.length > 0 && i < members.largest() - samples.length; i++) {
        result[count++] = samples[i % samples.length];
      }
    }
    return Arrays.copyOf(result, count);
  }

  @Override
  public String name() {
    return source.name() + "+smote[" + size() + "]";
  }

  @Override
  public int size() {
    return source.size() + bases.length;
  }

  @Override
  public Sample get(int index) {
    if (index < source.size()) {
      return source.get(index);
    }
    int base = bases[index - source.size()];
    SplittableRandom random = RandomStreams.ofSample(seed, 0, index);
    int[] near = nearest(base);
    int neighbour = near[random.nextInt(near.length)];
    float gap = (float) random.nextDouble();
    return new Sample(between(source.get(base), source.get(neighbour), gap), label(index));
  }

  private static Image between(Sample from, Sample to, float gap) {
    Image a = from.image();
    float[] values = values(a);
    Image b = to.image();
    for (int i = 0; i < values.length; i++) {
      values[i] += gap * (b.valueAt(i) - values[i]);
    }
    if (!a.isBytes() || !b.isBytes()) {
      return Image.ofFloats(a.channels(), a.height(), a.width(), values);
    }
    byte[] levels = new byte[values.length];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = (byte) (int) (values[i] * 255f + 0.5f);
    }
    return Image.ofBytes(a.channels(), a.height(), a.width(), levels);
  }

  /** The nearest samples of the same class; two threads may both search, and find the same. */
  private int[] nearest(int base) {
    int[] known = nearest.get(base);
    if (known != null) {
      return known;
    }
    float[] from = values(source.get(base).image());
    float[] to = new float[from.length];
    int[] candidates = members.of(source.label(base));
    int k = Math.min(neighbours, candidates.length - 1);
    int[] found = new int[k];
    double[] distances = new double[k];
    Arrays.fill(distances, Double.POSITIVE_INFINITY);
    for (int candidate : candidates) {
      if (candidate != base) {
        double distance = distance(from, to, base, candidate);
        insert(candidate, distance, found, distances);
      }
    }
    nearest.set(base, found);
    return found;
  }

  /** Keeps the lists sorted by distance, equal ones by number. */
  private static void insert(int candidate, double distance, int[] found, double[] distances) {
    int at = found.length;
    while (at > 0 && distance < distances[at - 1]) {
      at--;
      if (at + 1 < found.length) {
        found[at + 1] = found[at];
        distances[at + 1] = distances[at];
      }
    }
    if (at < found.length) {
      found[at] = candidate;
      distances[at] = distance;
    }
  }

  private double distance(float[] from, float[] to, int base, int candidate) {
    Image image = source.get(candidate).image();
    if (image.size() != from.length) {
      throw new GradusException(
          "Smote: "
              + source.describe(base)
              + " has "
              + from.length
              + " values, but "
              + source.describe(candidate)
              + " has "
              + image.size()
              + "; bring all images to one size first (CachedDataset.of with a Resize).");
    }
    image.writeTo(to, 0);
    float sum = 0;
    for (int i = 0; i < from.length; i++) {
      float d = from[i] - to[i];
      sum += d * d;
    }
    return sum;
  }

  private static float[] values(Image image) {
    float[] values = new float[image.size()];
    image.writeTo(values, 0);
    return values;
  }

  @Override
  public int label(int index) {
    return source.label(index < source.size() ? index : bases[index - source.size()]);
  }

  @Override
  public List<String> classNames() {
    return source.classNames();
  }

  @Override
  public String contentHash() {
    return new ContentHash()
        .add(source.contentHash())
        .add("smote")
        .add(neighbours, (int) (seed >>> 32), (int) seed)
        .hex();
  }

  @Override
  public String describe(int index) {
    return index < source.size()
        ? source.describe(index)
        : "sample "
            + index
            + " of "
            + name()
            + ", made from "
            + describe(bases[index - source.size()]);
  }
}
