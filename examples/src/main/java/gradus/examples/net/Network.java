package gradus.examples.net;

import gradus.layer.Layer;
import java.util.Locale;

/** The networks that can be chosen by name. */
public enum Network {
  /** {@link LeNet}. */
  LENET,
  /** {@link SimpleCNN}. */
  SIMPLECNN,
  /** {@link DeeperCNN}. */
  DEEPERCNN,
  /** {@link ResNet20}. */
  RESNET20;

  /** A new network of this kind, with a logit for each class. */
  public Layer create(int classes) {
    return switch (this) {
      case LENET -> LeNet.create(classes);
      case SIMPLECNN -> SimpleCNN.create(classes);
      case DEEPERCNN -> DeeperCNN.create(classes);
      case RESNET20 -> ResNet20.create(classes);
    };
  }

  /** The name to choose it by, in lower case. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
