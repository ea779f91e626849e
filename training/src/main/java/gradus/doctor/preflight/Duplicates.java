package gradus.doctor.preflight;

import gradus.data.DataCheck;
import gradus.data.Dataset;
import gradus.data.image.Image;
import gradus.doctor.Diagnosis;
import gradus.doctor.Evidence;
import gradus.doctor.Finding;
import gradus.doctor.Remedy;
import gradus.doctor.Subject;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Looks for validation pictures that are also trained on. The same pixels are certain; nearly the
 * same, by a perceptual hash, only worth a note. Takes a sample of the validation and as many of
 * the training pictures as a few seconds allow.
 */
final class Duplicates implements PreflightCheck {
  private static final int VALIDATION = 2_000;
  private static final long NANOS = 1_000_000_000L;
  private static final double MOST_SAME = 0.005;
  private static final double MOST_NEAR = 0.05;

  /** Fewer pairs can be an accident of the data. */
  private static final int LEAST_PAIRS = 3;

  /** Of 256 bits. Different digits of MNIST come as near as 7. */
  private static final int NEAR = 6;

  private static final int NEAR_VALIDATION = 500;
  private static final int NEAR_TRAIN = 5_000;
  private static final int LISTED = 5;

  @Override
  public List<Finding> examine(Subject subject) {
    if (subject.validation() == null) {
      return List.of();
    }
    Dataset train = subject.train().dataset();
    Dataset held = subject.validation().dataset();
    long begin = System.nanoTime();
    Map<Long, Integer> wanted = new ConcurrentHashMap<>();
    int sampled = prints(held, Glimpse.evenly(held.size(), VALIDATION), wanted);
    Map<Integer, Integer> pairs = new ConcurrentHashMap<>(); // validation to training
    AtomicInteger examined = new AtomicInteger();
    long until = System.nanoTime() + NANOS;
    IntStream.range(0, train.size())
        .parallel()
        .forEach(
            i -> {
              if (System.nanoTime() < until) {
                examined.incrementAndGet();
                Image image = train.get(i).image();
                Integer other = wanted.get(print(image));
                if (other != null && same(image, held.get(other).image())) {
                  pairs.merge(other, i, Math::min);
                }
              }
            });
    double nanosPerImage =
        (double) (System.nanoTime() - begin) / Math.max(1, sampled + examined.get());
    if (pairs.size() >= LEAST_PAIRS && pairs.size() > MOST_SAME * sampled) {
      return List.of(same(train, held, pairs, sampled, examined.get()));
    }
    return near(train, held, nanosPerImage);
  }

  /** The prints of some images, and how many of them there was time for. */
  private static int prints(Dataset data, int[] indices, Map<Long, Integer> prints) {
    long until = System.nanoTime() + NANOS;
    AtomicInteger examined = new AtomicInteger();
    Arrays.stream(indices)
        .parallel()
        .forEach(
            i -> {
              if (System.nanoTime() < until) {
                examined.incrementAndGet();
                Image image = data.get(i).image();
                if (!isPlain(image)) {
                  prints.put(print(image), i);
                }
              }
            });
    return examined.get();
  }

  /** Pictures of one colour are alike without being leaked. */
  private static boolean isPlain(Image image) {
    int plane = image.height() * image.width();
    for (int i = 0; i < image.size(); i++) {
      if (image.valueAt(i) != image.valueAt(i / plane * plane)) {
        return false;
      }
    }
    return true;
  }

  /** FNV-1a over the levels, 64 bits; whoever finds two alike compares the pictures. */
  private static long print(Image image) {
    byte[] levels = new byte[image.size()];
    image.writeLevels(levels, 0);
    long hash = 0xcbf29ce484222325L ^ image.width();
    for (byte level : levels) {
      hash = (hash ^ level) * 0x100000001b3L;
    }
    return hash;
  }

  private static boolean same(Image a, Image b) {
    if (a.channels() != b.channels() || a.height() != b.height() || a.width() != b.width()) {
      return false;
    }
    for (int i = 0; i < a.size(); i++) {
      if (a.valueAt(i) != b.valueAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static Finding same(
      Dataset train, Dataset held, Map<Integer, Integer> pairs, int sampled, int examined) {
    String listed =
        pairs.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .limit(LISTED)
            .map(pair -> held.describe(pair.getKey()) + " = " + train.describe(pair.getValue()))
            .collect(Collectors.joining("; "));
    return Finding.certain(
        Diagnosis.DATA_LEAKAGE,
        String.format(
            Locale.ROOT,
            "%,d of %,d validation pictures (%s) are trained on, pixel by pixel the same: the"
                + " validation shows what the network has learned by heart.",
            pairs.size(),
            sampled,
            Numbers.percent((double) pairs.size() / sampled)),
        new Remedy(
            "Split first, then copy or oversample; leave the pairs out of one part"
                + " (./gradus check-data lists them).",
            "StratifiedSplit.of(dataset, 0.1, seed)",
            null),
        Evidence.of(
            String.format(
                Locale.ROOT, "Looked at %,d of %,d training pictures.", examined, train.size())),
        Evidence.of("Pairs: " + listed + "."));
  }

  private static List<Finding> near(Dataset train, Dataset held, double nanosPerImage) {
    double affordable = Math.min(1, NANOS / nanosPerImage / (NEAR_VALIDATION + NEAR_TRAIN));
    int heldCount = (int) Math.min(held.size(), affordable * NEAR_VALIDATION);
    int trainCount = (int) Math.min(train.size(), affordable * NEAR_TRAIN);
    if (heldCount < 20 || trainCount < 20) {
      return List.of(); // too slow to decode, or too few, to say anything
    }
    Dataset someHeld = held.subset(Glimpse.evenly(held.size(), heldCount));
    Dataset someTrain = train.subset(Glimpse.evenly(train.size(), trainCount));
    List<DataCheck.Pair> pairs =
        DataCheck.of(someTrain, someHeld).near().stream()
            .filter(pair -> pair.crossesParts() && pair.distance() <= NEAR)
            .toList();
    long found =
        pairs.stream()
            .map(pair -> pair.first().part().equals("train") ? pair.second() : pair.first())
            .distinct()
            .count();
    // A picture whose twin is in training is found only if the twin was looked at.
    double share = Math.min(1, (double) found / heldCount * train.size() / trainCount);
    if (found < LEAST_PAIRS || share <= MOST_NEAR) {
      return List.of();
    }
    String listed =
        pairs.stream()
            .limit(LISTED)
            .map(pair -> pair.first().description() + " and " + pair.second().description())
            .collect(Collectors.joining("; "));
    return List.of(
        Finding.note(
            Diagnosis.DATA_LEAKAGE,
            String.format(
                Locale.ROOT,
                "About %s of the validation pictures have a near twin in training: %,d of %,d among"
                    + " %,d training pictures.",
                Numbers.percent(share),
                found,
                heldCount,
                trainCount),
            Remedy.of(
                "Split by scene, person or object rather than by picture; ./gradus check-data lists"
                    + " the pairs."),
            Evidence.of("Pairs: " + listed + ".")));
  }
}
