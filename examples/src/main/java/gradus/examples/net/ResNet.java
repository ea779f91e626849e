package gradus.examples.net;

import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Initializer;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.ReLU;
import gradus.layer.Residual;
import gradus.layer.Sequential;

/**
 * The residual networks for ImageNet, with torchvision's names: four groups of blocks with 64, 128,
 * 256 and 512 channels. Those of 18 and 34 layers have blocks of two 3x3 convolutions; that of 50
 * has bottlenecks, 1x1, 3x3 (which carries the stride, as in torchvision) and 1x1 to four times the
 * channels.
 *
 * <p>He, Zhang, Ren, Sun 2015 (arXiv:1512.03385). The stem for CIFAR, a 3x3 convolution without
 * pooling, is common practice for images of 32 x 32.
 */
public final class ResNet {
  private static final int EXPANSION = 4;

  /** How a network begins. */
  public enum Stem {
    /** A 7x7 convolution of stride 2 and a 3x3 max-pool of stride 2, for images of 224 x 224. */
    IMAGENET,
    /** A 3x3 convolution, for images of 32 x 32. */
    CIFAR
  }

  private ResNet() {}

  /** ResNet-18, with a logit for each class. */
  public static Layer resnet18(int classes, Stem stem) {
    return create(stem, classes, false, 2, 2, 2, 2);
  }

  /** ResNet-34, with a logit for each class. */
  public static Layer resnet34(int classes, Stem stem) {
    return create(stem, classes, false, 3, 4, 6, 3);
  }

  /** ResNet-50, with a logit for each class. */
  public static Layer resnet50(int classes, Stem stem) {
    return create(stem, classes, true, 3, 4, 6, 3);
  }

  private static Layer create(Stem stem, int classes, boolean bottleneck, int... blocks) {
    Sequential network = new Sequential();
    boolean small = stem == Stem.CIFAR;
    network
        .add("conv1", small ? convolution(64, 3, 1) : convolution(64, 7, 2))
        .add("bn1", new BatchNorm2d())
        .add("relu", new ReLU());
    if (!small) {
      network.add("maxpool", new MaxPool2d(3).stride(2).padding(1));
    }
    for (int i = 0; i < blocks.length; i++) {
      network.add("layer" + (i + 1), group(blocks[i], 64 << i, i == 0 ? 1 : 2, bottleneck));
    }
    return network.add("avgpool", new AdaptiveAvgPool2d()).add("fc", new Linear(classes));
  }

  private static Sequential group(int count, int channels, int stride, boolean bottleneck) {
    Sequential blocks = new Sequential();
    int outputs = bottleneck ? EXPANSION * channels : channels;
    for (int i = 0; i < count; i++) {
      int step = i == 0 ? stride : 1;
      // With 64 channels a basic group begins with what the stem gives: nothing to fit.
      boolean fits = i > 0 || (outputs == 64 && step == 1);
      Layer shortcut =
          fits ? null : new Sequential(convolution(outputs, 1, step), new BatchNorm2d());
      Sequential body = bottleneck ? bottleneck(channels, step) : basic(channels, step);
      blocks.add(
          new Sequential().add("", new Residual(body, shortcut)).add("relu_out", new ReLU()));
    }
    return blocks;
  }

  private static Sequential basic(int channels, int stride) {
    return new Sequential()
        .add("conv1", convolution(channels, 3, stride))
        .add("bn1", new BatchNorm2d())
        .add("relu1", new ReLU())
        .add("conv2", convolution(channels, 3, 1))
        .add("bn2", new BatchNorm2d());
  }

  private static Sequential bottleneck(int channels, int stride) {
    return new Sequential()
        .add("conv1", convolution(channels, 1, 1))
        .add("bn1", new BatchNorm2d())
        .add("relu1", new ReLU())
        .add("conv2", convolution(channels, 3, stride))
        .add("bn2", new BatchNorm2d())
        .add("relu2", new ReLU())
        .add("conv3", convolution(EXPANSION * channels, 1, 1))
        .add("bn3", new BatchNorm2d());
  }

  private static Conv2d convolution(int channels, int kernel, int stride) {
    return new Conv2d(channels, kernel)
        .stride(stride)
        .padding(kernel / 2)
        .withoutBias()
        .weights(Initializer.kaimingNormal());
  }
}
