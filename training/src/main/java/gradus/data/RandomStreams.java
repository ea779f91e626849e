package gradus.data;

import java.util.SplittableRandom;

/**
 * Random numbers that depend on what they are for and on nothing else: not on the thread, the order
 * of the work, or the number of workers.
 */
final class RandomStreams {
  private RandomStreams() {}

  /** The stream of one sample in one epoch. */
  static SplittableRandom ofSample(long seed, int epoch, int index) {
    return new SplittableRandom(mix(mix(mix(seed) + epoch) + index));
  }

  /** The stream of one sample that has come {@code repeat} times before in the epoch. */
  static SplittableRandom ofSample(long seed, int epoch, int index, int repeat) {
    return repeat == 0
        ? ofSample(seed, epoch, index)
        : new SplittableRandom(mix(mix(mix(mix(seed) + epoch) + index) + repeat));
  }

  /** The stream of one batch of an epoch. */
  static SplittableRandom ofBatch(long seed, int epoch, int batch) {
    return new SplittableRandom(mix(mix(mix(seed ^ 0x2545f4914f6cdd1dL) + epoch) + batch));
  }

  /** The stream of a whole epoch. */
  static SplittableRandom ofEpoch(long seed, int epoch) {
    return new SplittableRandom(mix(mix(seed ^ 0x5bf03635d0c18abdL) + epoch));
  }

  /** Puts an array into random order (Fisher-Yates). */
  static void shuffle(int[] values, SplittableRandom random) {
    shuffle(values, 0, values.length, random);
  }

  /** Puts the part of an array from {@code begin} to before {@code end} into random order. */
  static void shuffle(int[] values, int begin, int end, SplittableRandom random) {
    for (int i = end - 1; i > begin; i--) {
      int j = begin + random.nextInt(i - begin + 1);
      int kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
  }

  /** The finaliser of SplitMix64: neighbouring inputs give unrelated outputs. */
  static long mix(long z) {
    z += 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
