package gradus.bench.op;

import gradus.backend.spec.Conv2dSpec;

/** Every convolution of the workloads W1 to W5, at the batch of its workload. */
public enum Convolution {
  /** LeNet's first. */
  W1_CONV1(Conv2dSpec.of(64, 1, 28, 28, 6, 5, 1, 0)),
  /** LeNet's second. */
  W1_CONV2(Conv2dSpec.of(64, 6, 12, 12, 16, 5, 1, 0)),
  /** SimpleCNN's and DeeperCNN's first. */
  W2_CONV1(Conv2dSpec.of(64, 3, 32, 32, 16, 3, 1, 1)),
  /** SimpleCNN's and DeeperCNN's second. */
  W2_CONV2(Conv2dSpec.of(64, 16, 16, 16, 32, 3, 1, 1)),
  /** SimpleCNN's first on large images. */
  W2BIG_CONV1(Conv2dSpec.of(32, 3, 256, 256, 16, 3, 1, 1)),
  /** SimpleCNN's second on large images. */
  W2BIG_CONV2(Conv2dSpec.of(32, 16, 128, 128, 32, 3, 1, 1)),
  /** DeeperCNN's third. */
  W3_CONV3(Conv2dSpec.of(64, 32, 8, 8, 64, 3, 1, 1)),
  /** ResNet-20's first. */
  W4_STEM(Conv2dSpec.of(128, 3, 32, 32, 16, 3, 1, 1)),
  /** ResNet-20's first group. */
  W4_LAYER1(Conv2dSpec.of(128, 16, 32, 32, 16, 3, 1, 1)),
  /** Into ResNet-20's second group. */
  W4_LAYER2_DOWN(Conv2dSpec.of(128, 16, 32, 32, 32, 3, 2, 1)),
  /** Beside it. */
  W4_LAYER2_SHORTCUT(Conv2dSpec.of(128, 16, 32, 32, 32, 1, 2, 0)),
  /** ResNet-20's second group. */
  W4_LAYER2(Conv2dSpec.of(128, 32, 16, 16, 32, 3, 1, 1)),
  /** Into ResNet-20's third group. */
  W4_LAYER3_DOWN(Conv2dSpec.of(128, 32, 16, 16, 64, 3, 2, 1)),
  /** Beside it. */
  W4_LAYER3_SHORTCUT(Conv2dSpec.of(128, 32, 16, 16, 64, 1, 2, 0)),
  /** ResNet-20's third group. */
  W4_LAYER3(Conv2dSpec.of(128, 64, 8, 8, 64, 3, 1, 1)),
  /** ResNet-18's first. */
  W5_STEM(Conv2dSpec.of(32, 3, 32, 32, 64, 3, 1, 1)),
  /** ResNet-18's first group. */
  W5_LAYER1(Conv2dSpec.of(32, 64, 32, 32, 64, 3, 1, 1)),
  /** Into ResNet-18's second group. */
  W5_LAYER2_DOWN(Conv2dSpec.of(32, 64, 32, 32, 128, 3, 2, 1)),
  /** Beside it. */
  W5_LAYER2_SHORTCUT(Conv2dSpec.of(32, 64, 32, 32, 128, 1, 2, 0)),
  /** ResNet-18's second group. */
  W5_LAYER2(Conv2dSpec.of(32, 128, 16, 16, 128, 3, 1, 1)),
  /** Into ResNet-18's third group. */
  W5_LAYER3_DOWN(Conv2dSpec.of(32, 128, 16, 16, 256, 3, 2, 1)),
  /** Beside it. */
  W5_LAYER3_SHORTCUT(Conv2dSpec.of(32, 128, 16, 16, 256, 1, 2, 0)),
  /** ResNet-18's third group. */
  W5_LAYER3(Conv2dSpec.of(32, 256, 8, 8, 256, 3, 1, 1)),
  /** Into ResNet-18's fourth group. */
  W5_LAYER4_DOWN(Conv2dSpec.of(32, 256, 8, 8, 512, 3, 2, 1)),
  /** Beside it. */
  W5_LAYER4_SHORTCUT(Conv2dSpec.of(32, 256, 8, 8, 512, 1, 2, 0)),
  /** ResNet-18's fourth group. */
  W5_LAYER4(Conv2dSpec.of(32, 512, 4, 4, 512, 3, 1, 1));

  @SuppressWarnings("ImmutableEnumChecker") // a record of numbers
  private final Conv2dSpec spec;

  Convolution(Conv2dSpec spec) {
    this.spec = spec;
  }

  /** Its shapes. */
  public Conv2dSpec spec() {
    return spec;
  }
}
