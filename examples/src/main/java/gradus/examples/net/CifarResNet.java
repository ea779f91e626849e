package gradus.examples.net;

import gradus.GradusException;
import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Initializer;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.ReLU;
import gradus.layer.Residual;
import gradus.layer.Sequential;

/**
 * The residual networks of 20, 32, 44, 56, .. layers for CIFAR: three groups of blocks with 16, 32
 * and 64 channels, global average pooling, one linear layer. Weights start as in the paper
 * (Kaiming, normal). Where a group begins with fewer pixels and more channels, the shortcut is a
 * 1x1 convolution of stride 2 with batch norm (the paper's option B; on CIFAR it used the
 * parameter-free option A, which has 2,752 parameters less).
 *
 * <p>He, Zhang, Ren, Sun 2015 (arXiv:1512.03385), section 4.2.
 */
public final class CifarResNet {
  private CifarResNet() {}

  /**
   * The network, with a logit for each class.
   *
   * @param depth layers with weights: 6 n + 2 for n blocks in a group
   */
  public static Layer create(int depth, int classes) {
    if (depth < 8 || depth % 6 != 2) {
      throw new GradusException(
          "A residual network for CIFAR has 6 n + 2 layers, such as 20, 32 or 56, but not "
              + depth
              + ".");
    }
    int blocks = (depth - 2) / 6;
    return new Sequential()
        .add("conv1", convolution(16, 3, 1))
        .add("bn1", new BatchNorm2d())
        .add("relu", new ReLU())
        .add("layer1", group(blocks, 16, 1))
        .add("layer2", group(blocks, 32, 2))
        .add("layer3", group(blocks, 64, 2))
        .add("avgpool", new AdaptiveAvgPool2d())
        .add("fc", new Linear(classes));
  }

  private static Sequential group(int count, int channels, int stride) {
    Sequential blocks = new Sequential();
    blocks.add(block(channels, stride));
    for (int i = 1; i < count; i++) {
      blocks.add(block(channels, 1));
    }
    return blocks;
  }

  private static Layer block(int channels, int stride) {
    Sequential body =
        new Sequential()
            .add("conv1", convolution(channels, 3, stride))
            .add("bn1", new BatchNorm2d())
            .add("relu", new ReLU())
            .add("conv2", convolution(channels, 3, 1))
            .add("bn2", new BatchNorm2d());
    Layer shortcut =
        stride == 1 ? null : new Sequential(convolution(channels, 1, stride), new BatchNorm2d());
    // The empty name leaves the names of the body as they are: layer1.0.conv1.weight.
    return new Sequential().add("", new Residual(body, shortcut)).add("relu2", new ReLU());
  }

  private static Conv2d convolution(int channels, int kernel, int stride) {
    return new Conv2d(channels, kernel)
        .stride(stride)
        .padding(kernel / 2)
        .withoutBias()
        .weights(Initializer.kaimingNormal());
  }
}
