package gradus.backend;

import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.ChannelCopySpec;
import gradus.backend.spec.ChannelScaleSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.DropoutSpec;
import gradus.backend.spec.GroupNormSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.backend.spec.SoftmaxSpec;

/**
 * The primitives of convolutional networks. Activations and their gradients are batch tensors;
 * weights, biases, statistics and their gradients are dense. The destination comes last; {@code
 * beta} is 0 to overwrite it or 1 to add to it. No destination may alias a source unless the op
 * says "in place allowed". A {@code null} bias means none.
 */
public interface NnOps {
  /**
   * y = conv(x, w) + b. In mixed precision (BF16 or F16, as {@link Backend#support} says) y may be
   * rounded from the sum, and so may x and, in the gradients, dx and dy: each of them, here and in
   * {@link FusedOps}, but for those with pooling, and but for the dy of a ReLU.
   */
  void conv2d(Conv2dSpec spec, Buffer x, Buffer w, Buffer b, Buffer y);

  /** dx = beta dx + the gradient of {@link #conv2d} with respect to x. */
  void conv2dBackwardData(Conv2dSpec spec, Buffer w, Buffer dy, Buffer dx, float beta);

  /** dw = beta dw + the gradient with respect to w; likewise db, unless it is null. */
  void conv2dBackwardWeights(
      Conv2dSpec spec, Buffer x, Buffer dy, Buffer dw, Buffer db, float beta);

  /** y = x w^T + b. */
  void linear(LinearSpec spec, Buffer x, Buffer w, Buffer b, Buffer y);

  /** dx = beta dx + dy w. */
  void linearBackwardData(LinearSpec spec, Buffer w, Buffer dy, Buffer dx, float beta);

  /** dw = beta dw + dy^T x; db = beta db + the sum of dy over N, unless db is null. */
  void linearBackwardWeights(
      LinearSpec spec, Buffer x, Buffer dy, Buffer dw, Buffer db, float beta);

  /**
   * y = the maximum of each window; index (U8, shaped like y) = its place in the window, row by
   * row; of equal values the first. A NaN in a window wins. {@code index} may be null when no
   * gradient is wanted. In mixed precision x and y may both be rounded, and in the gradient each of
   * dy and dx.
   */
  void maxPool(PoolSpec spec, Buffer x, Buffer y, Buffer index);

  /**
   * dx = beta dx + each dy at the place its window's maximum came from. An index of 255 means
   * nowhere.
   */
  void maxPoolBackward(PoolSpec spec, Buffer dy, Buffer index, Buffer dx, float beta);

  /** y = the mean of each window. */
  void avgPool(PoolSpec spec, Buffer x, Buffer y);

  /** dx = beta dx + each dy spread over its window. */
  void avgPoolBackward(PoolSpec spec, Buffer dy, Buffer dx, float beta);

  /** y = the mean of each adaptive window. */
  void adaptiveAvgPool(AdaptivePoolSpec spec, Buffer x, Buffer y);

  /** dx = beta dx + each dy spread over its window. */
  void adaptiveAvgPoolBackward(AdaptivePoolSpec spec, Buffer dy, Buffer dx, float beta);

  /**
   * y = gamma (x - mean) / sqrt(var + epsilon) + beta with the batch's own (biased) statistics,
   * which are left in {@code savedMean} and {@code savedInvStd} {@code [C]}. Running statistics
   * move by the momentum; the running variance takes the unbiased one, as PyTorch's does (n /
   * (n-1); the biased one when n is 1). In mixed precision activations may be rounded, all of them:
   * x, y, and the residual of {@link FusedOps#batchNormTrainingRelu}. So may all gradients of such
   * activations that are written, and, where they are, also dy.
   */
  void batchNormTraining(
      BatchNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      Buffer y,
      Buffer savedMean,
      Buffer savedInvStd);

  /**
   * y = gamma (x - runningMean) / sqrt(runningVar + epsilon) + beta. In mixed precision activations
   * and gradients may be rounded as in training, also in {@link FusedOps#batchNormInferenceRelu}.
   */
  void batchNormInference(
      BatchNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      Buffer y);

  /**
   * The gradients of {@link #batchNormTraining}: dx = dxBeta dx + ..; dgamma and dbeta likewise
   * with {@code weightsBeta}. {@code dx} may be null, or {@code dy} itself.
   */
  void batchNormBackward(
      BatchNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer savedMean,
      Buffer savedInvStd,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dgamma,
      Buffer dbeta,
      float weightsBeta);

  /**
   * The gradient of {@link #batchNormInference}, whose statistics are constants: dx = dxBeta dx +
   * dy gamma / sqrt(runningVar + epsilon). {@code dx} may be {@code dy} itself.
   */
  void batchNormInferenceBackward(
      BatchNormSpec spec, Buffer gamma, Buffer runningVar, Buffer dy, Buffer dx, float dxBeta);

  /**
   * y = gamma (x - mean) / sqrt(var + epsilon) + beta with the mean and the biased variance of each
   * group of each image, which are left in {@code savedMean} and {@code savedInvStd} {@code
   * [N,groups]}, batch tensors. x and y are float32.
   */
  void groupNorm(
      GroupNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      Buffer y,
      Buffer savedMean,
      Buffer savedInvStd);

  /**
   * The gradients of {@link #groupNorm}: dx = dxBeta dx + ..; dgamma and dbeta likewise with {@code
   * weightsBeta}, unless both are null. {@code dx} may be null, or {@code dy} itself.
   */
  void groupNormBackward(
      GroupNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer savedMean,
      Buffer savedInvStd,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dgamma,
      Buffer dbeta,
      float weightsBeta);

  /** y = exp(x) / sum over channels of exp(x). */
  void softmax(SoftmaxSpec spec, Buffer x, Buffer y);

  /** dx = beta dx + y (dy - sum over channels of dy y). */
  void softmaxBackward(SoftmaxSpec spec, Buffer y, Buffer dy, Buffer dx, float beta);

  /** y = 0 where dropped, else x / (1-p); in place allowed. */
  void dropout(DropoutSpec spec, Buffer x, Buffer y);

  /** dx = beta dx + (0 where dropped, else dy / (1-p)). */
  void dropoutBackward(DropoutSpec spec, Buffer dy, Buffer dx, float beta);

  /** The chosen channels of y = beta y + the chosen channels of x. */
  void copyChannels(ChannelCopySpec spec, Buffer x, Buffer y, float beta);

  /** y = beta y + s x, with the factors s {@code [N,C]}. */
  void scaleChannels(ChannelScaleSpec spec, Buffer x, Buffer s, Buffer y, float beta);

  /** out {@code [N,C]} = beta out + the sum over pixels of a b. */
  void dotChannels(ChannelScaleSpec spec, Buffer a, Buffer b, Buffer out, float beta);
}
