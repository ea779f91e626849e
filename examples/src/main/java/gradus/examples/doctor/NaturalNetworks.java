package gradus.examples.doctor;

import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.AvgPool2d;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Dropout2d;
import gradus.layer.ELU;
import gradus.layer.Flatten;
import gradus.layer.GroupNorm;
import gradus.layer.Hardswish;
import gradus.layer.Initializer;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.ReLU;
import gradus.layer.Residual;
import gradus.layer.Sequential;
import gradus.layer.SiLU;
import java.util.function.Supplier;

/** Small networks for photographs {@code [3,32,32]} of ten classes. */
final class NaturalNetworks {
  private static final Initializer HE = Initializer.kaimingNormal();
  private static final Initializer ZERO = Initializer.zeros();

  private NaturalNetworks() {}

  /** D: three convolutions of 16, 32 and 64 filters, each with batch normalisation and a pool. */
  static Sequential normalized() {
    return normalized(0.1, 16, 32, 64);
  }

  /** D with other numbers of filters, and another momentum of the running statistics. */
  static Sequential normalized(double momentum, int... widths) {
    Sequential net = new Sequential();
    for (int filters : widths) {
      net.add(conv(filters, 3, HE).padding(1).withoutBias())
          .add(new BatchNorm2d().momentum(momentum))
          .add(new ReLU())
          .add(new MaxPool2d(2));
    }
    return net.add(new AdaptiveAvgPool2d()).add(new Flatten()).add(linear(10, HE));
  }

  /** D with whole feature maps left out after every pool. */
  static Sequential dropping(double p) {
    Sequential net = new Sequential();
    for (int filters : new int[] {16, 32, 64}) {
      net.add(conv(filters, 3, HE).padding(1).withoutBias())
          .add(new BatchNorm2d())
          .add(new ReLU())
          .add(new MaxPool2d(2))
          .add(new Dropout2d(p));
    }
    return net.add(new AdaptiveAvgPool2d()).add(new Flatten()).add(linear(10, HE));
  }

  /**
   * E: the network of TensorFlow's and Keras's tutorials with half the filters: three convolutions
   * of 3x3 without padding, two pools, 64 units.
   */
  static Sequential tutorial() {
    return tutorial(ReLU::new, HE, ZERO, 64);
  }

  /** E with another activation, other weights and another bias before it, and more units. */
  static Sequential tutorial(
      Supplier<Layer> activation, Initializer weights, Initializer bias, int units) {
    return new Sequential(
        conv(16, 3, weights).bias(bias),
        activation.get(),
        new MaxPool2d(2),
        conv(32, 3, weights).bias(bias),
        activation.get(),
        new MaxPool2d(2),
        conv(32, 3, weights).bias(bias),
        activation.get(),
        new Flatten(),
        new Linear(units).weights(weights).bias(bias),
        activation.get(),
        linear(10, weights));
  }

  /** E without activations, and with means for pools: a linear map in many layers. */
  static Sequential tutorialWithoutActivations() {
    return new Sequential(
        conv(16, 3, HE),
        new AvgPool2d(2),
        conv(32, 3, HE),
        new AvgPool2d(2),
        conv(32, 3, HE),
        new Flatten(),
        linear(64, HE),
        linear(10, HE));
  }

  /** VGG in small: two convolutions before each of three pools, no normalisation, 64 units. */
  static Sequential vgg(Supplier<Layer> activation, Initializer weights, double dropout) {
    Sequential net = new Sequential();
    for (int filters : new int[] {8, 16, 32}) {
      for (int i = 0; i < 2; i++) {
        net.add(conv(filters, 3, weights).padding(1)).add(activation.get());
      }
      net.add(new MaxPool2d(2));
    }
    net.add(new Flatten()).add(linear(64, weights)).add(activation.get());
    if (dropout > 0) {
      net.add(new Dropout(dropout));
    }
    return net.add(linear(10, weights));
  }

  /** A ResNet of three blocks whose stem halves the picture. */
  static Sequential residual() {
    Sequential net =
        new Sequential(
            conv(16, 3, HE).padding(1).stride(2).withoutBias(), new BatchNorm2d(), new ReLU());
    for (int filters : new int[] {16, 32, 64}) {
      int stride = filters == 16 ? 1 : 2;
      Sequential body =
          new Sequential(
              conv(filters, 3, HE).padding(1).stride(stride).withoutBias(),
              new BatchNorm2d(),
              new ReLU(),
              conv(filters, 3, HE).padding(1).withoutBias(),
              new BatchNorm2d());
      net.add(
          stride == 1
              ? new Residual(body)
              : new Residual(
                  body,
                  new Sequential(
                      conv(filters, 1, HE).stride(stride).withoutBias(), new BatchNorm2d())));
      net.add(new ReLU());
    }
    return net.add(new AdaptiveAvgPool2d()).add(new Flatten()).add(linear(10, HE));
  }

  /** Group normalisation and SiLU, steps of two pixels in place of pools. */
  static Sequential grouped() {
    Sequential net = new Sequential();
    for (int filters : new int[] {24, 48, 64}) {
      net.add(conv(filters, 3, HE).padding(1).stride(2).withoutBias())
          .add(new GroupNorm(8))
          .add(new SiLU());
    }
    return net.add(new AdaptiveAvgPool2d(2)).add(new Flatten()).add(linear(10, HE));
  }

  /** Convolutions alone, without normalisation or pools, with ELU between them. */
  static Sequential strided() {
    Sequential net = new Sequential();
    for (int filters : new int[] {16, 32, 64}) {
      net.add(conv(filters, 3, HE).padding(1).stride(2)).add(new ELU());
    }
    return net.add(new Flatten()).add(linear(10, Initializer.xavierUniform()));
  }

  /** MobileNet in small: a filter for each map, and then a 1x1 convolution over all. */
  static Sequential separable() {
    Sequential net =
        new Sequential(
            conv(16, 3, HE).padding(1).stride(2).withoutBias(), new BatchNorm2d(), new Hardswish());
    int channels = 16;
    for (int filters : new int[] {32, 64, 96}) {
      net.add(
              conv(channels, 3, HE)
                  .padding(1)
                  .stride(filters == 32 ? 1 : 2)
                  .groups(channels)
                  .withoutBias())
          .add(new BatchNorm2d())
          .add(new Hardswish())
          .add(conv(filters, 1, HE).withoutBias())
          .add(new BatchNorm2d())
          .add(new Hardswish());
      channels = filters;
    }
    return net.add(new AdaptiveAvgPool2d()).add(new Flatten()).add(linear(10, HE));
  }

  /** One convolution of three filters, whose means over the picture are all the classifier sees. */
  static Sequential threeFilters() {
    return new Sequential(
        conv(3, 5, HE).stride(2),
        new ReLU(),
        new AdaptiveAvgPool2d(),
        new Flatten(),
        linear(10, HE));
  }

  private static Conv2d conv(int filters, int kernel, Initializer weights) {
    return new Conv2d(filters, kernel).weights(weights).bias(ZERO);
  }

  private static Linear linear(int units, Initializer weights) {
    return new Linear(units).weights(weights).bias(ZERO);
  }
}
