package gradus.examples.net;

import gradus.layer.Conv2d;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.ReLU;
import gradus.layer.Sequential;

/**
 * LeNet-5 with today's ReLU and max-pooling, for small images such as MNIST's {@code [1,28,28]};
 * images need at least 16 x 16 pixels.
 *
 * <p>LeCun et al. 1998: Gradient-based learning applied to document recognition.
 */
public final class LeNet {
  private LeNet() {}

  /** The network, with a logit for each class. */
  public static Layer create(int classes) {
    return new Sequential()
        .add("conv1", new Conv2d(6, 5))
        .add("relu1", new ReLU())
        .add("pool1", new MaxPool2d(2))
        .add("conv2", new Conv2d(16, 5))
        .add("relu2", new ReLU())
        .add("pool2", new MaxPool2d(2))
        .add("fc1", new Linear(120))
        .add("relu3", new ReLU())
        .add("fc2", new Linear(84))
        .add("relu4", new ReLU())
        .add("fc3", new Linear(classes));
  }
}
