package gradus.backend.spec;

import gradus.GradusException;
import gradus.tensor.Shape;

/**
 * Normalisation per channel of {@code [N,C,H,W]}.
 *
 * @param momentum how far the running statistics move towards the batch's: {@code running +=
 *     momentum (batch - running)}
 * @param epsilon added to the variance before the root
 */
public record BatchNormSpec(int n, int c, int h, int w, float momentum, float epsilon) {

  /** Checks every number. */
  public BatchNormSpec {
    if (n < 1 || c < 1 || h < 1 || w < 1 || !(momentum >= 0 && momentum <= 1) || !(epsilon > 0)) {
      throw new GradusException(
          "BatchNorm over ["
              + n
              + ", "
              + c
              + ", "
              + h
              + ", "
              + w
              + "] with momentum "
              + momentum
              + " and epsilon "
              + epsilon
              + ": momentum must be from 0 to 1 and epsilon positive.");
    }
  }

  /** {@code [N,C,H,W]}. */
  public Shape shape() {
    return Shape.of(n, c, h, w);
  }

  /** The same for a batch of another size. */
  public BatchNormSpec withBatch(int size) {
    return size == n ? this : new BatchNormSpec(size, c, h, w, momentum, epsilon);
  }
}
