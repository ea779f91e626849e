package gradus.data;

import gradus.GradusException;
import gradus.data.image.Image;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What is in the parts of an experiment, and which pictures come more than once: a test picture
 * that was trained on makes the test accuracy a lie.
 *
 * <p>Pictures are the same if their size and all pixels are (SHA-256), and nearly the same if at
 * most so many of the 256 bits of a perceptual hash differ, and at most a quarter of those that are
 * set. Pictures with hardly any structure are all alike to that hash and left out of the latter.
 *
 * @param parts counts of train, validation and test
 * @param same pairs of the same picture
 * @param near pairs of nearly the same picture
 */
public record DataCheck(List<Part> parts, List<Pair> same, List<Pair> near) {
  /**
   * On CIFAR-10 this finds 56 pairs across its parts, all of one label; half as much again also
   * finds pairs of different labels.
   */
  public static final int DEFAULT_DISTANCE = 24;

  /** A set with more pairs than this has another problem than its pairs. */
  private static final int MAX_PAIRS = 1_000_000;

  /** Of the bits that are set, a quarter may differ: pictures of a thin line have few. */
  private static final int LEAST_STRUCTURE = 48;

  private static final int SHARE_THAT_DIFFERS = 4;

  /**
   * One part.
   *
   * @param name train, validation or test
   * @param classCounts images of each class, by name
   * @param sizes how many images have which size, such as {@code "32 x 32"} (width x height)
   */
  public record Part(String name, Map<String, Integer> classCounts, Map<String, Integer> sizes) {
    /** All images. */
    public int images() {
      return sizes.values().stream().mapToInt(Integer::intValue).sum();
    }
  }

  /**
   * A sample.
   *
   * @param part train, validation or test
   * @param label the name of its class
   * @param description its file, or its number
   */
  public record Place(String part, String label, String description) {}

  /** Two samples that show the same. */
  public record Pair(Place first, Place second, int distance) {
    /** Whether they are in different parts: leakage. */
    public boolean crossesParts() {
      return !first.part().equals(second.part());
    }

    /** Whether they have different labels: at least one is wrong. */
    public boolean contradicts() {
      return !first.label().equals(second.label());
    }
  }

  /** Looks at every image of all parts, with all processors. */
  public static DataCheck of(DataSplits data) {
    return of(data, DEFAULT_DISTANCE);
  }

  /**
   * The same with another limit.
   *
   * @param distance how many bits of the hashes of near pictures may differ: 0 to 64
   */
  public static DataCheck of(DataSplits data, int distance) {
    if (distance < 0 || distance > 64) {
      throw new GradusException(
          "DataCheck: the distance is "
              + distance
              + ", but must be 0 to 64; "
              + DEFAULT_DISTANCE
              + " is usual.");
    }
    Map<String, Dataset> sets = new LinkedHashMap<>();
    sets.put("train", data.train());
    sets.put("validation", data.validation());
    sets.put("test", data.test());
    return of(sets, distance);
  }

  /** Looks at every image of two parts alone, with {@link #DEFAULT_DISTANCE}. */
  public static DataCheck of(Dataset train, Dataset validation) {
    Map<String, Dataset> sets = new LinkedHashMap<>();
    sets.put("train", train);
    sets.put("validation", validation);
    return of(sets, DEFAULT_DISTANCE);
  }

  private static DataCheck of(Map<String, Dataset> sets, int distance) {
    List<Part> parts = new ArrayList<>();
    List<Print> prints = new ArrayList<>();
    sets.forEach(
        (name, set) -> {
          List<Print> ofPart =
              IntStream.range(0, set.size())
                  .parallel()
                  .mapToObj(i -> Print.of(name, set, i))
                  .toList();
          prints.addAll(ofPart);
          parts.add(part(name, set, ofPart));
        });
    return new DataCheck(List.copyOf(parts), same(prints), near(prints, distance));
  }

  private static Part part(String name, Dataset set, List<Print> prints) {
    int[] counts = set.classCounts();
    Map<String, Integer> classes = new LinkedHashMap<>();
    for (int c = 0; c < counts.length; c++) {
      classes.put(set.classNames().get(c), counts[c]);
    }
    Map<String, Integer> sizes = new TreeMap<>();
    prints.forEach(print -> sizes.merge(print.size(), 1, Integer::sum));
    return new Part(name, Collections.unmodifiableMap(classes), Collections.unmodifiableMap(sizes));
  }

  /** What is kept of an image. */
  private record Print(
      String part, Dataset set, int index, String size, String pixels, ImageHash hash) {
    static Print of(String part, Dataset set, int index) {
      Image image = set.get(index).image();
      String size = image.width() + " x " + image.height();
      String pixels = new ContentHash().add(image).hex();
      return new Print(part, set, index, size, pixels, ImageHash.of(image));
    }

    Place place() {
      return new Place(part, set.classNames().get(set.label(index)), set.describe(index));
    }

    Pair with(Print other) {
      return new Pair(place(), other.place(), hash.distance(other.hash));
    }
  }

  /** Each picture with the first one that is the same. */
  private static List<Pair> same(List<Print> prints) {
    Map<String, Print> firsts = new LinkedHashMap<>();
    List<Pair> pairs = new ArrayList<>();
    for (Print print : prints) {
      Print first = firsts.putIfAbsent(print.pixels(), print);
      if (first != null) {
        pairs.add(first.with(print));
      }
    }
    return List.copyOf(pairs);
  }

  /**
   * All pairs within the distance. Hashes whose numbers of set bits differ by more cannot be near:
   * in the order of those numbers, each is compared with few of the others.
   */
  private static List<Pair> near(List<Print> all, int distance) {
    Print[] prints =
        all.stream()
            .filter(print -> print.hash().bitsSet() >= LEAST_STRUCTURE)
            .sorted(Comparator.comparingInt(print -> print.hash().bitsSet()))
            .toArray(Print[]::new);
    ImageHash[] hashes = Arrays.stream(prints).map(Print::hash).toArray(ImageHash[]::new);
    int[] bits = Arrays.stream(hashes).mapToInt(ImageHash::bitsSet).toArray();
    return IntStream.range(0, prints.length)
        .parallel()
        .boxed()
        .flatMap(i -> nearAfter(i, prints, hashes, bits, distance).stream())
        .limit(MAX_PAIRS)
        .toList();
  }

  private static List<Pair> nearAfter(
      int i, Print[] prints, ImageHash[] hashes, int[] bits, int distance) {
    List<Pair> pairs = List.of();
    ImageHash hash = hashes[i];
    int most = Math.min(distance, bits[i] / SHARE_THAT_DIFFERS);
    for (int j = i + 1; j < prints.length && bits[j] - bits[i] <= most; j++) {
      if (Long.bitCount(hash.a() ^ hashes[j].a()) <= most
          && hash.distance(hashes[j]) <= most
          && !prints[i].pixels().equals(prints[j].pixels())) {
        if (pairs.isEmpty()) {
          pairs = new ArrayList<>();
        }
        pairs.add(prints[i].with(prints[j]));
      }
    }
    return pairs;
  }
}
