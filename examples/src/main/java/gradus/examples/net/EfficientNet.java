package gradus.examples.net;

import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Initializer;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.Residual;
import gradus.layer.Sequential;
import gradus.layer.SiLU;
import gradus.layer.SqueezeExcitation;
import gradus.layer.StochasticDepth;

/**
 * EfficientNet-B0 for images of 224 x 224: inverted residuals with squeeze and excitation, found by
 * search. The later a block, the more often training skips it, up to one time in five. Names are
 * torchvision's.
 *
 * <p>Tan and Le 2019 (arXiv:1905.11946).
 */
public final class EfficientNet {
  // Expansion, kernel, stride, output channels and blocks of each stage: table 1.
  private static final int[][] STAGES = {
    {1, 3, 1, 16, 1},
    {6, 3, 2, 24, 2},
    {6, 5, 2, 40, 2},
    {6, 3, 2, 80, 3},
    {6, 5, 1, 112, 3},
    {6, 5, 2, 192, 4},
    {6, 3, 1, 320, 1},
  };
  private static final int BLOCKS = 16;
  private static final double MOST_SKIPPED = 0.2;

  private EfficientNet() {}

  /** EfficientNet-B0, with a logit for each class. */
  public static Layer b0(int classes) {
    Sequential features = new Sequential(convolution(32, 3, 2, 1));
    int channels = 32;
    int number = 0;
    for (int[] stage : STAGES) {
      Sequential blocks = new Sequential();
      for (int i = 0; i < stage[4]; i++) {
        double skipped = MOST_SKIPPED * number++ / BLOCKS;
        blocks.add(block(channels, stage[0], stage[1], i == 0 ? stage[2] : 1, stage[3], skipped));
        channels = stage[3];
      }
      features.add(blocks);
    }
    features.add(convolution(1280, 1, 1, 1));
    return new Sequential()
        .add("features", features)
        .add("avgpool", new AdaptiveAvgPool2d())
        .add("classifier.0", new Dropout(0.2))
        .add("classifier.1", new Linear(classes));
  }

  private static Layer block(
      int inputs, int expansion, int kernel, int stride, int outputs, double skipped) {
    int inside = inputs * expansion;
    Sequential steps = new Sequential();
    if (expansion > 1) {
      steps.add(convolution(inside, 1, 1, 1));
    }
    steps
        .add(convolution(inside, kernel, stride, inside))
        .add(new SqueezeExcitation(Math.max(1, inputs / 4)).activation(new SiLU()))
        .add(new Sequential(plainConvolution(outputs, 1, 1, 1), new BatchNorm2d()));
    Sequential body = new Sequential().add("block", steps);
    if (stride > 1 || inputs != outputs) {
      return body;
    }
    return new Residual(body.add("stochastic_depth", new StochasticDepth(skipped)));
  }

  private static Sequential convolution(int channels, int kernel, int stride, int groups) {
    return new Sequential(
        plainConvolution(channels, kernel, stride, groups), new BatchNorm2d(), new SiLU());
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
