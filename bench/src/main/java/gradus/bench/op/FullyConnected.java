package gradus.bench.op;

import gradus.backend.spec.LinearSpec;

/** The linear layers of the workloads. */
public enum FullyConnected {
  /** LeNet's first. */
  W1_FC1(new LinearSpec(64, 256, 120)),
  /** LeNet's second. */
  W1_FC2(new LinearSpec(64, 120, 84)),
  /** LeNet's last. */
  W1_FC3(new LinearSpec(64, 84, 10)),
  /** SimpleCNN's. */
  W2_FC(new LinearSpec(64, 2048, 10)),
  /** SimpleCNN's on large images. */
  W2BIG_FC(new LinearSpec(32, 131072, 10)),
  /** DeeperCNN's. */
  W3_FC(new LinearSpec(64, 1024, 10)),
  /** ResNet-20's. */
  W4_FC(new LinearSpec(128, 64, 10)),
  /** ResNet-18's. */
  W5_FC(new LinearSpec(32, 512, 10));

  @SuppressWarnings("ImmutableEnumChecker") // a record of numbers
  private final LinearSpec spec;

  FullyConnected(LinearSpec spec) {
    this.spec = spec;
  }

  /** Its sizes. */
  public LinearSpec spec() {
    return spec;
  }
}
