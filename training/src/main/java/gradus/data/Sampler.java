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

  /**
   * The size of the data set it was made for, so that a loader of another one can refuse it; -1 if
   * it does not matter, as for a sampler that is a mere function.
   */
  default int datasetSize() {
    return -1;
  }

  /** Every sample once, in the data set's order. */
  static Sampler sequential(int size) {
    return sized(size, epoch -> IntStream.range(0, size).toArray());
  }

  /** Every sample once, in an order drawn anew for each epoch from {@code seed}. */
  static Sampler shuffled(int size, long seed) {
    return sized(
        size,
        epoch -> {
          int[] order = IntStream.range(0, size).toArray();
          RandomStreams.shuffle(order, RandomStreams.ofEpoch(seed, epoch));
          return order;
        });
  }

  private static Sampler sized(int size, Sampler order) {
    return new Sampler() {
      @Override
      public int[] order(int epoch) {
        return order.order(epoch);
      }

      @Override
      public int datasetSize() {
        return size;
      }
    };
  }
}
