package gradus.examples.net;

import gradus.data.Dataset;
import gradus.data.transform.Normalize;
import gradus.layer.Dropout;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.Sequential;
import java.util.List;

/**
 * A network that can be chosen: one of {@link Networks}, or a {@link SourceNetwork} of one's own.
 * It prints itself as the name to choose it by.
 */
public interface Network {
  /** A new one, with a logit for each class. */
  Layer create(int classes);

  /** The same with dropout before its last linear layer; 0 for none. */
  default Layer create(int classes, double dropout) {
    Layer network = create(classes);
    if (dropout > 0 && network instanceof Sequential sequential) {
      List<Layer> layers = sequential.layers();
      for (int i = layers.size() - 1; i >= 0; i--) {
        if (layers.get(i) instanceof Linear) {
          return sequential.insertBefore(layers.get(i), "dropout_last", new Dropout(dropout));
        }
      }
    }
    return network;
  }

  /** What to call it in the name of a folder. */
  default String label() {
    return toString();
  }

  /** What some networks need before training: filters measured on training images. */
  default void prepare(Model model, Dataset train, Normalize normalize) {}
}
