package gradus.backend;

import gradus.backend.spec.Activation;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.tensor.DType;
import gradus.tensor.Placement;

/**
 * Ops made of others. The default body is the definition; a backend overrides it with one kernel,
 * and the conformance kit holds the two against each other. Backward methods may overwrite {@code
 * dy}, which is dead afterwards; {@code dx} is null when nobody wants it, {@code dw} (and then
 * {@code db}) when the layer is frozen; {@code b} and {@code db} are null without a bias. A backend
 * of mixed precision overrides those whose operands may be rounded: definitions mix types.
 */
public interface FusedOps {
  /** The primitives the definitions are made of. */
  NnOps nn();

  /** The arithmetic the definitions are made of. */
  MathOps math();

  /** The memory the definitions ask for sizes. */
  Memory memory();

  /** Both gradients of a convolution. */
  default void conv2dBackward(
      Conv2dSpec spec,
      Buffer x,
      Buffer w,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dw,
      Buffer db,
      float weightsBeta) {
    if (dw != null) {
      nn().conv2dBackwardWeights(spec, x, dy, dw, db, weightsBeta);
    }
    if (dx != null) {
      nn().conv2dBackwardData(spec, w, dy, dx, dxBeta);
    }
  }

  /** y = relu(conv(x, w) + b). */
  default void conv2dRelu(Conv2dSpec spec, Buffer x, Buffer w, Buffer b, Buffer y) {
    nn().conv2d(spec, x, w, b, y);
    math().activation(Activation.RELU, y, y);
  }

  /**
   * y = relu(conv(x, w) + b + residual): the end of a residual block, for inference. {@code
   * residual} may be null.
   */
  default void conv2dAddRelu(
      Conv2dSpec spec, Buffer x, Buffer w, Buffer b, Buffer residual, Buffer y) {
    nn().conv2d(spec, x, w, b, y);
    addRelu(y, residual, y);
  }

  /** The gradients of {@link #conv2dRelu}. */
  default void conv2dReluBackward(
      Conv2dSpec spec,
      Buffer x,
      Buffer w,
      Buffer y,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dw,
      Buffer db,
      float weightsBeta) {
    math().activationBackward(Activation.RELU, y, y, dy, dy, 0);
    conv2dBackward(spec, x, w, dy, dx, dxBeta, dw, db, weightsBeta);
  }

  /** Bytes of workspace (F32) that {@link #conv2dReluMaxPool} and its backward need; 0 for none. */
  default long conv2dReluMaxPoolWorkspaceBytes(Conv2dSpec conv, PoolSpec pool) {
    return memory().bytes(conv.outputShape(), DType.F32, Placement.BATCH);
  }

  /** y = maxPool(relu(conv(x, w) + b)). {@code index} may be null when no gradient is wanted. */
  default void conv2dReluMaxPool(
      Conv2dSpec conv,
      PoolSpec pool,
      Buffer x,
      Buffer w,
      Buffer b,
      Buffer y,
      Buffer index,
      Buffer workspace) {
    conv2dRelu(conv, x, w, b, workspace);
    nn().maxPool(pool, workspace, y, index);
  }

  /**
   * The gradients of {@link #conv2dReluMaxPool}. Where y is 0 the ReLU was closed and nothing
   * flows.
   */
  default void conv2dReluMaxPoolBackward(
      Conv2dSpec conv,
      PoolSpec pool,
      Buffer x,
      Buffer w,
      Buffer y,
      Buffer index,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dw,
      Buffer db,
      float weightsBeta,
      Buffer workspace) {
    math().activationBackward(Activation.RELU, y, y, dy, dy, 0);
    nn().maxPoolBackward(pool, dy, index, workspace, 0);
    conv2dBackward(conv, x, w, workspace, dx, dxBeta, dw, db, weightsBeta);
  }

  /** Both gradients of a linear layer. */
  default void linearBackward(
      LinearSpec spec,
      Buffer x,
      Buffer w,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dw,
      Buffer db,
      float weightsBeta) {
    if (dw != null) {
      nn().linearBackwardWeights(spec, x, dy, dw, db, weightsBeta);
    }
    if (dx != null) {
      nn().linearBackwardData(spec, w, dy, dx, dxBeta);
    }
  }

  /** y = relu(x w^T + b). */
  default void linearRelu(LinearSpec spec, Buffer x, Buffer w, Buffer b, Buffer y) {
    nn().linear(spec, x, w, b, y);
    math().activation(Activation.RELU, y, y);
  }

  /** The gradients of {@link #linearRelu}. */
  default void linearReluBackward(
      LinearSpec spec,
      Buffer x,
      Buffer w,
      Buffer y,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dw,
      Buffer db,
      float weightsBeta) {
    math().activationBackward(Activation.RELU, y, y, dy, dy, 0);
    linearBackward(spec, x, w, dy, dx, dxBeta, dw, db, weightsBeta);
  }

  /** y = relu(batchNorm(x) + residual); {@code residual} may be null. */
  default void batchNormTrainingRelu(
      BatchNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      Buffer residual,
      Buffer y,
      Buffer savedMean,
      Buffer savedInvStd) {
    nn().batchNormTraining(
            spec, x, gamma, beta, runningMean, runningVar, y, savedMean, savedInvStd);
    addRelu(y, residual, y);
  }

  /** {@link #batchNormTrainingRelu} with the running statistics. */
  default void batchNormInferenceRelu(
      BatchNormSpec spec,
      Buffer x,
      Buffer gamma,
      Buffer beta,
      Buffer runningMean,
      Buffer runningVar,
      Buffer residual,
      Buffer y) {
    nn().batchNormInference(spec, x, gamma, beta, runningMean, runningVar, y);
    addRelu(y, residual, y);
  }

  /**
   * The gradients of {@link #batchNormTrainingRelu}; {@code dResidual} is null when there is no
   * residual or nobody wants it. What passes the ReLU is where y is above 0; {@code beta}, null
   * where a residual was added, lets a backend work that out of x, to rounding, instead of reading
   * y. {@code dx} and {@code dResidual} may each be {@code dy} itself.
   */
  default void batchNormReluBackward(
      BatchNormSpec spec,
      Buffer x,
      Buffer y,
      Buffer gamma,
      Buffer beta,
      Buffer savedMean,
      Buffer savedInvStd,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dResidual,
      float dResidualBeta,
      Buffer dgamma,
      Buffer dbeta,
      float weightsBeta) {
    math().activationBackward(Activation.RELU, y, y, dy, dy, 0);
    if (dResidual != null && dResidual != dy) {
      accumulate(dy, dResidual, dResidualBeta);
    }
    nn().batchNormBackward(
            spec, x, gamma, savedMean, savedInvStd, dy, dx, dxBeta, dgamma, dbeta, weightsBeta);
  }

  /**
   * The gradients of {@link #batchNormInferenceRelu}; {@code dx}, {@code dResidual} and {@code dy}
   * as in {@link #batchNormReluBackward}.
   */
  default void batchNormInferenceReluBackward(
      BatchNormSpec spec,
      Buffer y,
      Buffer gamma,
      Buffer runningVar,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dResidual,
      float dResidualBeta) {
    math().activationBackward(Activation.RELU, y, y, dy, dy, 0);
    if (dResidual != null && dResidual != dy) {
      accumulate(dy, dResidual, dResidualBeta);
    }
    if (dx != null) {
      nn().batchNormInferenceBackward(spec, gamma, runningVar, dy, dx, dxBeta);
    }
  }

  /** y = relu(a + b); in place allowed; {@code b} may be null. */
  default void addRelu(Buffer a, Buffer b, Buffer y) {
    if (b != null) {
      math().add(a, b, y);
      math().activation(Activation.RELU, y, y);
    } else {
      math().activation(Activation.RELU, a, y);
    }
  }

  /** y = beta y + x. */
  default void accumulate(Buffer x, Buffer y, float beta) {
    if (beta == 0) {
      math().copy(x, y);
    } else {
      math().addScaled(1, x, y);
    }
  }
}
