package gradus.data;

import java.util.stream.IntStream;

/**
 * Says which sample comes next. The answer depends on the epoch alone, so any epoch can be
 * repeated.
 */
@FunctionalInterface
public interface Sampler {
  /** The indices of an epoch (from 0) in order; some may be missing, or come more than once. */
  int[] order(int epoch);

  /** Every sample once, in the data set's order. */
  static Sampler sequential(int size) {
    return epoch -> IntStream.range(0, size).toArray();
  }

  /** Every sample once, in an order drawn anew for each epoch from {@code seed}. */
  static Sampler shuffled(int size, long seed) {
    return epoch -> {
      int[] order = IntStream.range(0, size).toArray();
      RandomStreams.shuffle(order, RandomStreams.ofEpoch(seed, epoch));
      return order;
    };
  }
}
