package gradus.examples.net;

import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.BatchNorm2d;
import gradus.layer.Concat;
import gradus.layer.Conv2d;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.ReLU;
import gradus.layer.Sequential;

/**
 * An Inception network for images of 28 x 28 to 32 x 32: modules with a 1x1 and a 3x3 convolution
 * side by side, and between them modules that halve the image by a 3x3 convolution beside a
 * max-pool.
 *
 * <p>Figure 3 of Zhang et al. 2016 (arXiv:1611.03530); Szegedy et al. 2014 (arXiv:1409.4842).
 */
public final class SmallInception {
  private SmallInception() {}

  /** The network, with a logit for each class. */
  public static Layer create(int classes) {
    return new Sequential()
        .add("stem", convolution(96, 3))
        .add("mixed1", module(32, 32))
        .add("mixed2", module(32, 48))
        .add("reduce1", halving(80))
        .add("mixed3", module(112, 48))
        .add("mixed4", module(96, 64))
        .add("mixed5", module(80, 80))
        .add("mixed6", module(48, 96))
        .add("reduce2", halving(96))
        .add("mixed7", module(176, 160))
        .add("mixed8", module(176, 160))
        .add("avgpool", new AdaptiveAvgPool2d())
        .add("fc", new Linear(classes));
  }

  private static Concat module(int narrow, int wide) {
    return new Concat(convolution(narrow, 1), convolution(wide, 3));
  }

  private static Concat halving(int channels) {
    return new Concat(
        activated(new Conv2d(channels, 3).stride(2).padding(1)),
        new MaxPool2d(3).stride(2).padding(1));
  }

  private static Sequential convolution(int channels, int kernel) {
    return activated(new Conv2d(channels, kernel).padding(kernel / 2));
  }

  private static Sequential activated(Conv2d convolution) {
    return new Sequential(convolution.withoutBias(), new BatchNorm2d(), new ReLU());
  }
}
