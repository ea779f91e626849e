package gradus.data;

import gradus.data.image.Image;
import gradus.data.transform.Transform;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Labelled images by number. Implementations may be asked by many threads at once, and answer the
 * same for the same index every time.
 */
public interface Dataset {
  /**
   * Samples in memory; {@code TensorDataset} in PyTorch.
   *
   * @param name what to call them in reports
   * @throws gradus.GradusException if there are none, or a label is of no class
   */
  static Dataset of(String name, List<Sample> samples, List<String> classNames) {
    return new SampleList(name, samples, classNames);
  }

  /** What to call it in reports, like {@code mnist-train}. */
  String name();

  /** How many samples there are. */
  int size();

  /**
   * One sample; its image may be decoded from its file now.
   *
   * @throws gradus.GradusException naming the file if that fails
   */
  Sample get(int index);

  /** The class of a sample, without decoding its image. */
  int label(int index);

  /** The names of the classes; the position is the label. */
  List<String> classNames();

  /**
   * SHA-256 of all images and labels in order, in hexadecimal: what a run was trained on. May read
   * every file the first time; unless it is overridden, every time.
   */
  default String contentHash() {
    return ContentHash.of(this);
  }

  /** Where the samples come from, in words: for a part of a set, how it was chosen. */
  default String origin() {
    return name();
  }

  /** What to call one sample in an error: its file, or its number. */
  default String describe(int index) {
    return "image " + index + " of " + name();
  }

  /** The file of its own that a sample is decoded from, or null if it has none. */
  default Path file(int index) {
    return null;
  }

  /** How many samples each class has. */
  default int[] classCounts() {
    int[] counts = new int[classNames().size()];
    for (int i = 0; i < size(); i++) {
      counts[label(i)]++;
    }
    return counts;
  }

  /** The samples of the given numbers, in that order; a view, nothing is copied. */
  default Dataset subset(int... indices) {
    return new Subset(this, indices);
  }

  /**
   * The first {@code count} samples, or all if there are fewer. In an image folder these are of one
   * class; {@link StratifiedSplit#take} keeps the shares of the classes.
   */
  default Dataset take(int count) {
    return count >= size() ? this : subset(IntStream.range(0, Math.max(0, count)).toArray());
  }

  /**
   * The samples that pass a test, in order. Every image is decoded now; {@link #filterLabels} looks
   * at none.
   *
   * @throws gradus.GradusException if none passes
   */
  default Dataset filter(Predicate<Sample> test) {
    return subset(IntStream.range(0, size()).filter(i -> test.test(get(i))).toArray());
  }

  /**
   * The samples whose class passes a test, in order. The classes keep their numbers and names, so
   * that some may be empty.
   *
   * @throws gradus.GradusException if none passes
   */
  default Dataset filterLabels(IntPredicate test) {
    return subset(IntStream.range(0, size()).filter(i -> test.test(label(i))).toArray());
  }

  /**
   * The samples after a transform, made each time they are asked for, and the same each time: for
   * what belongs to the data, such as a resize. Random augmentation belongs into the {@link
   * DataLoader}, which draws anew in every epoch.
   */
  default Dataset map(Transform transform) {
    return new MappedDataset(this, transform);
  }

  /**
   * These samples, and then those of others; {@code ConcatDataset} in PyTorch.
   *
   * @throws gradus.GradusException if their classes differ
   */
  default Dataset concat(Dataset... others) {
    List<Dataset> all = new ArrayList<>(List.of(this));
    all.addAll(List.of(others));
    return new ConcatDataset(all);
  }

  /** The same, with decoded images kept in memory; see {@link CachedDataset}. */
  default Dataset cache() {
    return CachedDataset.of(this);
  }

  /** Every image in order, decoded when the stream asks for it. */
  default Stream<Image> images() {
    return IntStream.range(0, size()).mapToObj(i -> get(i).image());
  }
}
