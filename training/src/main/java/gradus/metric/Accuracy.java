package gradus.metric;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Buffer;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;

/** The share of examples whose largest logit is at the label. */
public final class Accuracy {
  private Accuracy() {}

  /**
   * How many examples of a batch are right, as a scalar that stays on the device until it is read.
   *
   * @param logits {@code [N,classes]}
   * @param labels {@code [N]}, I32
   */
  public static Tensor correct(Tensor logits, Tensor labels) {
    Pass pass = logits.pass();
    Shape shape = logits.shape();
    if (shape.rank() != 2
        || labels.dtype() != DType.I32
        || !labels.shape().is(shape.dim(0))
        || labels.pass() != pass) {
      throw new GradusException(
          "Accuracy takes logits [N, classes] and labels [N] of one pass, but got "
              + logits
              + " and "
              + labels
              + ".");
    }
    if (labels.largestLabel() >= shape.dim(1)) {
      throw new GradusException(
          "Accuracy: a label is "
              + labels.largestLabel()
              + ", but the network has "
              + shape.dim(1)
              + " outputs.");
    }
    Tensor count = pass.allocate(Shape.SCALAR, DType.F32, Placement.DENSE);
    Buffer out = count.buffer();
    pass.backend()
        .losses()
        .countCorrect(shape.dim(0), shape.dim(1), logits.buffer(), labels.buffer(), out);
    return count;
  }
}
