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
import gradus.layer.Sequential;
import java.util.function.Supplier;

/** The three small networks of the scenarios, for ten classes; He's initialisation, biases 0. */
final class Networks {
  private static final Initializer HE = Initializer.kaimingNormal();
  private static final Initializer ZERO = Initializer.zeros();

  private Networks() {}

  /** A: two convolutions of 8 and 16 filters with pools, and 64 units. For {@code [1,28,28]}. */
  static Sequential plain() {
    return plain(HE, ZERO, 0);
  }

  /** A with other weights everywhere. */
  static Sequential plainFrom(Initializer weights) {
    return plain(weights, ZERO, 0);
  }

  /** A whose 64 units have another bias. */
  static Sequential plainWithBias(float bias) {
    return plain(HE, Initializer.constant(bias), 0);
  }

  /** A with dropout after both pools and the 64 units. */
  static Sequential plainWithDropout(double p) {
    return plain(HE, ZERO, p);
  }

  private static Sequential plain(Initializer weights, Initializer unitBias, double dropout) {
    Sequential net = new Sequential();
    for (int filters : new int[] {8, 16}) {
      net.add(conv(filters, 3, weights).padding(1)).add(new ReLU()).add(new MaxPool2d(2));
      addDropout(net, dropout);
    }
    net.add(new Flatten()).add(new Linear(64).weights(weights).bias(unitBias)).add(new ReLU());
    addDropout(net, dropout);
    return net.add(linear(10, weights));
  }

  /** B: three convolutions with batch normalisation, two of them of stride 2. */
  static Sequential normalized() {
    return normalized(0);
  }

  /** B with dropout before the classifier. */
  static Sequential normalized(double dropout) {
    Sequential net = new Sequential();
    for (int filters : new int[] {12, 24, 48}) {
      net.add(conv(filters, 3, HE).padding(1).stride(filters == 12 ? 1 : 2).withoutBias())
          .add(new BatchNorm2d())
          .add(new ReLU());
    }
    net.add(new AdaptiveAvgPool2d()).add(new Flatten());
    addDropout(net, dropout);
    return net.add(linear(10, HE));
  }

  /** What is left of B where capacity is to be missing: two filters. */
  static Sequential tiny() {
    return new Sequential(
        conv(2, 3, HE).padding(1).stride(4),
        new ReLU(),
        new AdaptiveAvgPool2d(),
        new Flatten(),
        linear(10, HE));
  }

  /**
   * C: AutoTrainer's LeNet, 5x5 convolutions of 6 and 16 filters with pools, 120 units, and then
   * layers of 84. For {@code [1,28,28]}.
   *
   * @param deep how many layers of 84 units; LeNet has one
   */
  static Sequential lenet(Supplier<Layer> activation, int deep) {
    Sequential net = new Sequential();
    for (int filters : new int[] {6, 16}) {
      net.add(conv(filters, 5, HE)).add(activation.get()).add(new MaxPool2d(2));
    }
    net.add(new Flatten()).add(linear(120, HE)).add(activation.get());
    for (int i = 0; i < deep; i++) {
      net.add(linear(84, HE)).add(activation.get());
    }
    return net.add(linear(10, HE));
  }

  private static Conv2d conv(int filters, int kernel, Initializer weights) {
    return new Conv2d(filters, kernel).weights(weights).bias(ZERO);
  }

  private static Linear linear(int units, Initializer weights) {
    return new Linear(units).weights(weights).bias(ZERO);
  }

  private static void addDropout(Sequential net, double p) {
    if (p > 0) {
      net.add(new Dropout(p));
    }
  }
}
