package gradus.examples.doctor;

import gradus.layer.AdaptiveAvgPool2d;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Flatten;
import gradus.layer.Initializer;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.ReLU;
import gradus.layer.Residual;
import gradus.layer.Sequential;
import java.util.function.Supplier;

/** Networks that the further scenarios have and the public ones have not, for ten classes. */
final class FurtherNetworks {
  private static final Initializer HE = Initializer.kaimingNormal();
  private static final Initializer ZERO = Initializer.zeros();

  private FurtherNetworks() {}

  /** {@link Networks#plain} with another activation, other weights, and another bias of layers. */
  static Sequential activated(Supplier<Layer> activation, Initializer weights, Initializer bias) {
    Sequential net = new Sequential();
    for (int filters : new int[] {8, 16}) {
      net.add(conv(filters, 3).padding(1).weights(weights).bias(bias))
          .add(activation.get())
          .add(new MaxPool2d(2));
    }
    return net.add(new Flatten())
        .add(new Linear(64).weights(weights).bias(bias))
        .add(activation.get())
        .add(new Linear(10).weights(weights).bias(ZERO));
  }

  /** {@link #activated} with usual weights for it. */
  static Sequential activated(Supplier<Layer> activation, Initializer weights) {
    return activated(activation, weights, ZERO);
  }

  /** {@link Networks#plain} with dropout before the classifier alone. */
  static Sequential dropoutHead(double p) {
    return new Sequential(
        conv(8, 3).padding(1),
        new ReLU(),
        new MaxPool2d(2),
        conv(16, 3).padding(1),
        new ReLU(),
        new MaxPool2d(2),
        new Flatten(),
        linear(64),
        new ReLU(),
        new Dropout(p),
        linear(10));
  }

  /** {@link Networks#normalized}, but the running statistics stay what they are at first. */
  static Sequential staleStatistics() {
    Sequential net = new Sequential();
    for (int filters : new int[] {12, 24, 48}) {
      net.add(conv(filters, 3).padding(1).stride(filters == 12 ? 1 : 2).withoutBias())
          .add(new BatchNorm2d().momentum(0))
          .add(new ReLU());
    }
    return net.add(new AdaptiveAvgPool2d()).add(new Flatten()).add(linear(10));
  }

  /** {@link Networks#normalized} without anything between its layers. */
  static Sequential withoutNonlinearity() {
    return new Sequential(
        conv(12, 3).padding(1),
        conv(24, 3).padding(1).stride(2),
        conv(48, 3).padding(1).stride(2),
        new AdaptiveAvgPool2d(),
        new Flatten(),
        linear(10));
  }

  /** Pools leave one pixel, on which a convolution of 3x3 then works. */
  static Sequential pooledAway() {
    return new Sequential(
        conv(8, 3).padding(1),
        new ReLU(),
        new MaxPool2d(4),
        new MaxPool2d(7),
        conv(16, 3).padding(1),
        new ReLU(),
        new Flatten(),
        linear(64),
        new ReLU(),
        linear(10));
  }

  /** AutoTrainer's {@code tmp_lenet5}: two convolutions, then sixteen layers of 64 units. */
  static Sequential deep(Initializer weights) {
    Sequential net = new Sequential();
    for (int filters : new int[] {8, 16}) {
      net.add(conv(filters, 5).weights(weights)).add(new ReLU()).add(new MaxPool2d(2));
    }
    net.add(new Flatten());
    for (int i = 0; i < 16; i++) {
      net.add(linear(64).weights(weights)).add(new ReLU());
    }
    return net.add(linear(32).weights(weights)).add(new ReLU()).add(linear(10).weights(weights));
  }

  /** {@link Networks#lenet} with batch normalisation after the convolutions. */
  static Sequential normalizedLenet() {
    Sequential net = new Sequential();
    for (int filters : new int[] {6, 16}) {
      net.add(conv(filters, 5).withoutBias())
          .add(new BatchNorm2d())
          .add(new ReLU())
          .add(new MaxPool2d(2));
    }
    return net.add(new Flatten())
        .add(linear(120))
        .add(new ReLU())
        .add(linear(84))
        .add(new ReLU())
        .add(linear(10));
  }

  /** {@link Networks#plain}, but all that the units know goes through so few of them. */
  static Sequential bottleneck(int units) {
    return new Sequential(
        conv(8, 3).padding(1),
        new ReLU(),
        new MaxPool2d(2),
        conv(16, 3).padding(1),
        new ReLU(),
        new MaxPool2d(2),
        new Flatten(),
        linear(units),
        new ReLU(),
        linear(10));
  }

  /** One convolution, and units by the thousand. */
  static Sequential wide() {
    return new Sequential(
        conv(16, 3).padding(1),
        new ReLU(),
        new MaxPool2d(2),
        new Flatten(),
        linear(512),
        new ReLU(),
        linear(256),
        new ReLU(),
        linear(10));
  }

  /** A small ResNet: two stages of a residual block each. */
  static Sequential residual() {
    Sequential net =
        new Sequential(conv(12, 3).padding(1).withoutBias(), new BatchNorm2d(), new ReLU());
    for (int filters : new int[] {24, 48}) {
      Sequential body =
          new Sequential(
              conv(filters, 3).padding(1).stride(2).withoutBias(),
              new BatchNorm2d(),
              new ReLU(),
              conv(filters, 3).padding(1).withoutBias(),
              new BatchNorm2d());
      Sequential shortcut =
          new Sequential(conv(filters, 1).stride(2).withoutBias(), new BatchNorm2d());
      net.add(new Residual(body, shortcut)).add(new ReLU());
    }
    return net.add(new AdaptiveAvgPool2d()).add(new Flatten()).add(linear(10));
  }

  private static Conv2d conv(int filters, int kernel) {
    return new Conv2d(filters, kernel).weights(HE).bias(ZERO);
  }

  private static Linear linear(int units) {
    return new Linear(units).weights(HE).bias(ZERO);
  }
}
