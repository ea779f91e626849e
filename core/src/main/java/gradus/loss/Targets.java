package gradus.loss;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Buffer;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;

/** The checks losses share. */
final class Targets {
  private static final float TINY = 1e-30f;

  private Targets() {}

  /** Logits must be {@code [N,C]} with at least two classes, labels {@code [N]}. */
  static void requireClasses(String loss, Tensor logits, Tensor labels, float[] classWeights) {
    Shape shape = logits.shape();
    if (shape.rank() != 2 || shape.dim(1) < 2) {
      throw new GradusException(
          loss + " takes logits [N, classes] with at least two classes, but got " + shape + ".");
    }
    boolean hard = labels.dtype() == DType.I32;
    Shape wanted = hard ? Shape.of(shape.dim(0)) : shape;
    if (!labels.shape().equals(wanted)) {
      throw new GradusException(
          loss
              + ": logits "
              + shape
              + " need "
              + (hard ? "labels " : "target probabilities ")
              + wanted
              + ", but got "
              + labels.shape()
              + ".");
    }
    if (hard && labels.largestLabel() < 0) {
      throw new GradusException(
          loss + " takes labels made by Pass.labels, which knows that they are class numbers.");
    }
    if (labels.largestLabel() >= shape.dim(1)) {
      throw new GradusException(
          loss
              + ": a label is "
              + labels.largestLabel()
              + ", but the network has "
              + shape.dim(1)
              + " outputs, for classes 0 to "
              + (shape.dim(1) - 1)
              + ": give its last layer as many outputs as there are classes.");
    }
    if (classWeights != null && classWeights.length != shape.dim(1)) {
      throw new GradusException(
          loss
              + " has "
              + classWeights.length
              + " class weights, but the network has "
              + shape.dim(1)
              + " outputs.");
    }
  }

  /** Output and target must have one shape. */
  static void requireSameShape(String loss, Tensor output, Tensor target) {
    if (!output.shape().equals(target.shape()) || target.dtype() != DType.F32) {
      throw new GradusException(
          loss
              + " takes a target shaped like the output "
              + output.shape()
              + ", but got "
              + target
              + ".");
    }
  }

  /** The class weights on the device for the moment; null for none. Give them back to the pass. */
  static Buffer weights(Pass pass, float[] classWeights) {
    if (classWeights == null) {
      return null;
    }
    Shape shape = Shape.of(classWeights.length);
    Buffer buffer = pass.takeBuffer(shape, DType.F32, Placement.DENSE);
    pass.backend().memory().copyIn(FloatBuffer.wrap(classWeights), buffer, shape, Placement.DENSE);
    return buffer;
  }

  /** The logits of the shares that cross-entropy asks for: smoothed, then weighted. */
  static float[] bestLogits(float[] shares, float smoothing, float[] classWeights) {
    if (classWeights != null && classWeights.length < shares.length) {
      throw new GradusException(
          "The loss has "
              + classWeights.length
              + " class weights, but there are "
              + shares.length
              + " classes: give it one for each.");
    }
    float[] logits = new float[shares.length];
    for (int c = 0; c < logits.length; c++) {
      float weight = classWeights == null ? 1 : classWeights[c];
      logits[c] = log(weight * ((1 - smoothing) * shares[c] + smoothing / logits.length));
    }
    return logits;
  }

  /** The logarithm of a share; a number even of 0, and one whose exponential is next to nothing. */
  static float log(float share) {
    return (float) Math.log(Math.max(share, TINY));
  }

  static float[] checkedWeights(float[] weights) {
    float total = 0;
    for (float weight : weights) {
      if (!(weight >= 0) || Float.isInfinite(weight)) {
        throw new GradusException("A class weight is " + weight + ", but must be a number from 0.");
      }
      total += weight;
    }
    if (total == 0) {
      throw new GradusException("All class weights are 0: at least one class must count.");
    }
    return weights.clone();
  }
}
