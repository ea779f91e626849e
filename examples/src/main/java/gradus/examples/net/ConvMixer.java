package gradus.examples.net;

import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Flatten;
import gradus.layer.GELU;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.Residual;
import gradus.layer.Sequential;

/**
 * Patches, then blocks that mix pixels (a depthwise convolution with a shortcut) and channels (1x1)
 * in turn; always the same size inside. Names are those of the authors' code.
 *
 * <p>Trockman and Kolter 2022 (arXiv:2201.09792).
 */
public final class ConvMixer {
  private ConvMixer() {}

  /**
   * The network, with a logit for each class. The authors' for CIFAR-10 has 256 channels, 8 blocks,
   * kernel 5 and patches of 2 x 2.
   *
   * @param kernel of the depthwise convolutions, odd
   */
  public static Layer create(int channels, int blocks, int kernel, int patch, int classes) {
    Sequential network =
        new Sequential(new Conv2d(channels, patch).stride(patch), new GELU(), new BatchNorm2d());
    for (int i = 0; i < blocks; i++) {
      Sequential pixels =
          new Sequential(
              new Conv2d(channels, kernel).groups(channels).padding(kernel / 2),
              new GELU(),
              new BatchNorm2d());
      network.add(
          new Sequential(
              new Residual(new Sequential().add("fn", pixels)),
              new Conv2d(channels, 1),
              new GELU(),
              new BatchNorm2d()));
    }
    return network.add(new AdaptiveAvgPool2d()).add(new Flatten()).add(new Linear(classes));
  }
}
