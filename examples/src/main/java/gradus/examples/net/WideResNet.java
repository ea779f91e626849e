package gradus.examples.net;

import gradus.GradusException;
import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Initializer;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.ReLU;
import gradus.layer.Residual;
import gradus.layer.Sequential;

/**
 * Wide residual networks for CIFAR: three groups of pre-activation blocks with 16, 32 and 64 times
 * {@code width} channels, so that WRN-16-4 has 16 layers and four times the usual channels. Where a
 * group begins, the shortcut is a 1x1 convolution of the block's input, not of its activation as in
 * the authors' code.
 *
 * <p>Zagoruyko and Komodakis 2016 (arXiv:1605.07146).
 */
public final class WideResNet {
  private WideResNet() {}

  /**
   * The network, with a logit for each class.
   *
   * @param depth layers with weights, 6 n + 4 for n blocks in a group: 16, 28, 40
   * @param width by how much it is wider than a usual one, from 1
   * @param dropout between the convolutions of a block, from 0 to below 1
   */
  public static Layer create(int depth, int width, double dropout, int classes) {
    if (depth < 10 || depth % 6 != 4 || width < 1) {
      throw new GradusException(
          "A wide residual network has 6 n + 4 layers, such as 16, 28 or 40, and a width from 1,"
              + " but not "
              + depth
              + " and "
              + width
              + ".");
    }
    int blocks = (depth - 4) / 6;
    return new Sequential()
        .add("conv1", convolution(16, 3, 1))
        .add("layer1", group(blocks, 16, 16 * width, 1, dropout))
        .add("layer2", group(blocks, 16 * width, 32 * width, 2, dropout))
        .add("layer3", group(blocks, 32 * width, 64 * width, 2, dropout))
        .add("bn", new BatchNorm2d())
        .add("relu", new ReLU())
        .add("avgpool", new AdaptiveAvgPool2d())
        .add("fc", new Linear(classes));
  }

  private static Sequential group(int count, int inputs, int channels, int stride, double dropout) {
    Sequential blocks = new Sequential();
    for (int i = 0; i < count; i++) {
      int step = i == 0 ? stride : 1;
      Layer shortcut =
          i > 0 || (inputs == channels && step == 1) ? null : convolution(channels, 1, step);
      blocks.add(new Residual(body(channels, step, dropout), shortcut));
    }
    return blocks;
  }

  private static Sequential body(int channels, int stride, double dropout) {
    Sequential body =
        new Sequential()
            .add("bn1", new BatchNorm2d())
            .add("relu1", new ReLU())
            .add("conv1", convolution(channels, 3, stride))
            .add("bn2", new BatchNorm2d())
            .add("relu2", new ReLU());
    if (dropout > 0) {
      body.add("dropout", new Dropout(dropout));
    }
    return body.add("conv2", convolution(channels, 3, 1));
  }

  private static Conv2d convolution(int channels, int kernel, int stride) {
    return new Conv2d(channels, kernel)
        .stride(stride)
        .padding(kernel / 2)
        .withoutBias()
        .weights(Initializer.kaimingNormal());
  }
}
