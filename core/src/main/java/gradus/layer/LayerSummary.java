package gradus.layer;

import gradus.tensor.Shape;

/**
 * One layer without children, as {@link Model#summary} shows it.
 *
 * @param path its name in the model, like {@code stage2.conv1}
 * @param kind what it is, like {@code Conv2d}
 * @param input the shape of one example before it
 * @param output and after it
 * @param parameters how many numbers of its own are trained
 * @param multiplyAdds of one forward pass for one example
 */
public record LayerSummary(
    String path, String kind, Shape input, Shape output, long parameters, long multiplyAdds) {}
