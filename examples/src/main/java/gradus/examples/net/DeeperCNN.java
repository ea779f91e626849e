package gradus.examples.net;

import gradus.layer.Conv2d;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.ReLU;
import gradus.layer.Sequential;

/** Three convolutions and a linear layer, for images of any size from 8 x 8. */
public final class DeeperCNN {
  private DeeperCNN() {}

  /** The network, with a logit for each class. */
  public static Layer create(int classes) {
    return new Sequential()
        .add("conv1", new Conv2d(16, 3).padding(1))
        .add("relu1", new ReLU())
        .add("pool1", new MaxPool2d(2))
        .add("conv2", new Conv2d(32, 3).padding(1))
        .add("relu2", new ReLU())
        .add("pool2", new MaxPool2d(2))
        .add("conv3", new Conv2d(64, 3).padding(1))
        .add("relu3", new ReLU())
        .add("pool3", new MaxPool2d(2))
        .add("fc", new Linear(classes));
  }
}
