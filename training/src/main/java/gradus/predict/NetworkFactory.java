package gradus.predict;

import gradus.layer.Layer;

/** Builds the network that a stored model was trained as. */
@FunctionalInterface
public interface NetworkFactory {
  /**
   * A new network.
   *
   * @param name what the model's file calls it, such as {@code resnet20}
   * @param classes how many logits it gives
   */
  Layer create(String name, int classes);
}
