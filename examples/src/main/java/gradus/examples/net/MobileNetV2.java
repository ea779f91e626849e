package gradus.examples.net;

import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Initializer;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.ReLU6;
import gradus.layer.Residual;
import gradus.layer.Sequential;

/**
 * Few multiplications for images of 224 x 224: inverted residuals, which widen by a 1x1
 * convolution, filter each channel on its own by a depthwise 3x3 and narrow again without a
 * nonlinearity. Names are torchvision's.
 *
 * <p>Sandler et al. 2018 (arXiv:1801.04381).
 */
public final class MobileNetV2 {
  // Expansion, output channels, blocks and stride of the first block of each stage: table 2.
  private static final int[][] STAGES = {
    {1, 16, 1, 1},
    {6, 24, 2, 2},
    {6, 32, 3, 2},
    {6, 64, 4, 2},
    {6, 96, 3, 1},
    {6, 160, 3, 2},
    {6, 320, 1, 1},
  };

  private MobileNetV2() {}

  /** The network of width 1, with a logit for each class. */
  public static Layer create(int classes) {
    Sequential features = new Sequential(convolution(32, 3, 2, 1));
    int channels = 32;
    for (int[] stage : STAGES) {
      for (int i = 0; i < stage[2]; i++) {
        features.add(block(channels, stage[0], stage[1], i == 0 ? stage[3] : 1));
        channels = stage[1];
      }
    }
    features.add(convolution(1280, 1, 1, 1));
    return new Sequential()
        .add("features", features)
        .add("avgpool", new AdaptiveAvgPool2d())
        .add("classifier.0", new Dropout(0.2))
        .add("classifier.1", new Linear(classes).weights(Initializer.normal(0.01)));
  }

  private static Layer block(int inputs, int expansion, int outputs, int stride) {
    int inside = inputs * expansion;
    Sequential steps = new Sequential();
    if (expansion > 1) {
      steps.add(convolution(inside, 1, 1, 1));
    }
    steps.add(convolution(inside, 3, stride, inside));
    steps.add(plainConvolution(outputs, 1, 1, 1)).add(new BatchNorm2d());
    Sequential body = new Sequential().add("conv", steps);
    return stride == 1 && inputs == outputs ? new Residual(body) : body;
  }

  private static Sequential convolution(int channels, int kernel, int stride, int groups) {
    return new Sequential(
        plainConvolution(channels, kernel, stride, groups), new BatchNorm2d(), new ReLU6());
  }

  private static Conv2d plainConvolution(int channels, int kernel, int stride, int groups) {
    return new Conv2d(channels, kernel)
        .stride(stride)
        .padding(kernel / 2)
        .groups(groups)
        .withoutBias()
        .weights(Initializer.kaimingNormal());
  }
}
