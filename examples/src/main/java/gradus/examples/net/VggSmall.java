package gradus.examples.net;

import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Initializer;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.ReLU;
import gradus.layer.Sequential;

/**
 * Three pairs of 3x3 convolutions with batch norm and 32, 64 and 128 channels, each pair followed
 * by a max-pool, and a linear layer of 128 features with dropout before the last: the idea of VGG
 * at the size of CIFAR.
 *
 * <p>Simonyan and Zisserman 2014 (arXiv:1409.1556).
 */
public final class VggSmall {
  private VggSmall() {}

  /** The network, with a logit for each class. */
  public static Layer create(int classes) {
    Sequential features = new Sequential();
    for (int channels : new int[] {32, 64, 128}) {
      for (int i = 0; i < 2; i++) {
        features
            .add(
                new Conv2d(channels, 3)
                    .padding(1)
                    .withoutBias()
                    .weights(Initializer.kaimingNormal()))
            .add(new BatchNorm2d())
            .add(new ReLU());
      }
      features.add(new MaxPool2d(2));
    }
    return new Sequential()
        .add("features", features)
        .add("fc1", new Linear(128))
        .add("relu", new ReLU())
        .add("dropout", new Dropout(0.5))
        .add("fc2", new Linear(classes));
  }
}
