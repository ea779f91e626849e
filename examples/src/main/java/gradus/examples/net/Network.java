package gradus.examples.net;

import gradus.layer.Layer;
import java.util.Locale;
import java.util.function.IntFunction;

/** The networks that can be chosen by name. */
public enum Network {
  /** {@link LeNet}. */
  LENET(LeNet::create),
  /** {@link SimpleCNN}. */
  SIMPLECNN(SimpleCNN::create),
  /** {@link DeeperCNN}. */
  DEEPERCNN(DeeperCNN::create),
  /** {@link ResNet20}. */
  RESNET20(ResNet20::create);

  private final IntFunction<Layer> creator;

  Network(IntFunction<Layer> creator) {
    this.creator = creator;
  }

  /** A new network of this kind, with a logit for each class. */
  public Layer create(int classes) {
    return creator.apply(classes);
  }

  /** The name to choose it by, in lower case. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
