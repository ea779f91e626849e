package gradus.examples.net;

import gradus.data.Dataset;
import gradus.data.transform.Normalize;
import gradus.layer.Layer;
import gradus.layer.Model;
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
  RESNET20,
  /** {@link FastCNN}. */
  FASTCNN;

  /** A new network of this kind, with a logit for each class. */
  public Layer create(int classes) {
    return switch (this) {
      case LENET -> LeNet.create(classes);
      case SIMPLECNN -> SimpleCNN.create(classes);
      case DEEPERCNN -> DeeperCNN.create(classes);
      case RESNET20 -> ResNet20.create(classes);
      case FASTCNN -> FastCNN.create(classes);
    };
  }

  /** What some networks need before training: filters measured on training images. */
  public void prepare(Model model, Dataset train, Normalize normalize) {
    if (this == FASTCNN) {
      FastCNN.prepare(model, train, normalize);
    }
  }

  /** The name to choose it by, in lower case. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
