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

  /** The stream of a whole epoch. */
  static SplittableRandom ofEpoch(long seed, int epoch) {
    return new SplittableRandom(mix(mix(seed ^ 0x5bf03635d0c18abdL) + epoch));
  }

  /** Puts an array into random order (Fisher-Yates). */
  static void shuffle(int[] values, SplittableRandom random) {
    for (int i = values.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
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
