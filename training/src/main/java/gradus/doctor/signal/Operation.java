package gradus.doctor.signal;

import gradus.backend.spec.Activation;
import gradus.layer.Parameter;
import gradus.tensor.Shape;
import java.util.List;

/**
 * One operation of a network, as an evaluation pass does it.
 *
 * @param path of the layer it belongs to; where that has none of its own, of the layer before
 * @param name of the kind of layer, such as {@code Conv2d}
 * @param inputs the operations it takes values of, by their place in {@link Structure#operations};
 *     {@link Structure#IMAGES} for the images
 * @param output the shape for one image; null if it is not known
 * @param window of convolutions and pools, else null
 * @param weight of convolutions, linear layers and norms, else null
 * @param function of activations, else null
 */
public record Operation(
    String path,
    String name,
    Kind kind,
    List<Integer> inputs,
    Shape output,
    Window window,
    Parameter weight,
    Activation function) {
  /** What operations do, as far as a diagnosis needs to know. */
  public enum Kind {
    /** A convolution. */
    CONVOLUTION,
    /** A fully connected layer. */
    LINEAR,
    /** Batch norm: with fixed statistics a linear function. */
    NORM,
    /** An elementwise function. */
    ACTIVATION,
    /** The maximum of windows. */
    MAX_POOL,
    /** The mean of windows: a linear function. */
    AVERAGE_POOL,
    /** Another shape for the same values. */
    FLATTEN,
    /** Softmax. */
    SOFTMAX,
    /** Times a number. */
    SCALE,
    /** Channels times factors that depend on the image. */
    GATE,
    /** A sum of two. */
    ADD,
    /** Side by side. */
    CONCAT,
    /** A layer that does not say what it does. */
    OPAQUE
  }

  /**
   * What an output pixel sees of the input.
   *
   * @param height in pixels, gaps of a dilation included
   * @param width likewise
   * @param strideH from one output pixel to the next, in pixels of the input
   * @param strideW likewise
   */
  public record Window(int height, int width, int strideH, int strideW) {}

  /** The list is copied. */
  public Operation {
    inputs = List.copyOf(inputs);
  }

  /** Whether it is a convolution or linear layer: what weights are learned in. */
  public boolean hasWeights() {
    return kind == Kind.CONVOLUTION || kind == Kind.LINEAR;
  }
}
