package gradus.bench.op;

import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.GroupNormSpec;

/** The batch norms of the workloads. */
public enum Normalization {
  /** ResNet-20's stem and first group. */
  W4_LAYER1(spec(128, 16, 32)),
  /** ResNet-20's second group. */
  W4_LAYER2(spec(128, 32, 16)),
  /** ResNet-20's third group. */
  W4_LAYER3(spec(128, 64, 8)),
  /** ResNet-18's stem and first group. */
  W5_LAYER1(spec(32, 64, 32)),
  /** ResNet-18's second group. */
  W5_LAYER2(spec(32, 128, 16)),
  /** ResNet-18's third group. */
  W5_LAYER3(spec(32, 256, 8)),
  /** ResNet-18's fourth group. */
  W5_LAYER4(spec(32, 512, 4));

  @SuppressWarnings("ImmutableEnumChecker") // a record of numbers
  private final BatchNormSpec spec;

  Normalization(BatchNormSpec spec) {
    this.spec = spec;
  }

  private static BatchNormSpec spec(int n, int c, int side) {
    return new BatchNormSpec(n, c, side, side, 0.1f, 1e-5f);
  }

  /** Its shape and constants. */
  public BatchNormSpec spec() {
    return spec;
  }

  /** What normalises the same by so many groups of channels. */
  public GroupNormSpec ofGroups(int groups) {
    return new GroupNormSpec(spec.n(), spec.c(), spec.h(), spec.w(), groups, spec.epsilon());
  }
}
