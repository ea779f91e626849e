package gradus.bench.op;

import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.PoolSpec;

/** The poolings of the workloads: one of maxima, or the global average. */
public enum Pooling {
  /** LeNet's first. */
  W1_POOL1(max(64, 6, 24)),
  /** LeNet's second. */
  W1_POOL2(max(64, 16, 8)),
  /** SimpleCNN's and DeeperCNN's first. */
  W2_POOL1(max(64, 16, 32)),
  /** SimpleCNN's and DeeperCNN's second. */
  W2_POOL2(max(64, 32, 16)),
  /** SimpleCNN's first on large images. */
  W2BIG_POOL1(max(32, 16, 256)),
  /** SimpleCNN's second on large images. */
  W2BIG_POOL2(max(32, 32, 128)),
  /** DeeperCNN's third. */
  W3_POOL3(max(64, 64, 8)),
  /** ResNet-20's. */
  W4_AVERAGE(new AdaptivePoolSpec(128, 64, 8, 8, 1, 1)),
  /** ResNet-18's. */
  W5_AVERAGE(new AdaptivePoolSpec(32, 512, 4, 4, 1, 1));

  @SuppressWarnings("ImmutableEnumChecker") // a record of numbers
  private final Record spec;

  Pooling(Record spec) {
    this.spec = spec;
  }

  private static PoolSpec max(int n, int c, int side) {
    return new PoolSpec(n, c, side, side, 2, 2, 2, 2, 0, 0, true);
  }

  /** A {@link PoolSpec} or an {@link AdaptivePoolSpec}. */
  public Record spec() {
    return spec;
  }
}
