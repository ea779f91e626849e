package gradus.layer;

import gradus.backend.spec.Activation;
import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.GroupNormSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import java.util.List;

/**
 * Writes down what a network computes in an evaluation pass, operation by operation, in another
 * form, such as an exchange format: layers tell it by {@link Layer#export}. The N of a spec means
 * nothing: batches may have any size.
 *
 * @param <V> what stands for a value between two operations
 */
public interface Graph<V> {
  /** A convolution; the bias may be null. */
  V conv2d(Conv2dSpec spec, V x, Parameter weight, Parameter bias);

  /** {@code x weight^T + bias} for {@code [N,in]}; the bias may be null. */
  V linear(LinearSpec spec, V x, Parameter weight, Parameter bias);

  /** {@code weight (x - mean) / sqrt(variance + epsilon) + bias}, per channel. */
  V batchNorm(
      BatchNormSpec spec,
      V x,
      Parameter weight,
      Parameter bias,
      Parameter mean,
      Parameter variance);

  /**
   * {@code weight (x - mean) / sqrt(variance + epsilon) + bias}, the mean and variance those of
   * each group of channels of each image.
   */
  V groupNorm(GroupNormSpec spec, V x, Parameter weight, Parameter bias);

  /** An elementwise function. */
  V activation(Activation function, V x);

  /** The maximum of each window. */
  V maxPool(PoolSpec spec, V x);

  /** The mean of each window. */
  V avgPool(PoolSpec spec, V x);

  /** The mean of windows that are chosen by the size of the output. */
  V adaptiveAvgPool(AdaptivePoolSpec spec, V x);

  /** {@code [N,C,H,W]} to {@code [N, C H W]}. */
  V flatten(V x);

  /** Softmax over the second dimension. */
  V softmax(V x);

  /** {@code factor x}. */
  V scale(float factor, V x);

  /** Each channel of {@code [N,C,H,W]} times its factor {@code [N,C,1,1]}. */
  V scaleChannels(V x, V factors);

  /** {@code a + b}. */
  V add(V a, V b);

  /** Side by side along the channels. */
  V concat(List<V> values);

  /**
   * A layer that does not say what it computes. A graph that only wants values may run it.
   *
   * @throws gradus.GradusException naming the layer, unless overridden
   */
  default V opaque(Layer layer, V x) {
    throw layer.notExportable();
  }
}
