package gradus.autograd.op;

import gradus.GradusException;
import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.spec.ChannelCopySpec;
import gradus.tensor.Shape;
import java.util.List;

/**
 * y = the inputs one after the other along the channels: {@code [N,C1,H,W]}, {@code [N,C2,H,W]}, ..
 * to {@code [N,C1+C2+..,H,W]}.
 */
public final class ConcatOp extends Op {
  private final List<Tensor> inputs;

  private ConcatOp(List<Tensor> inputs) {
    this.inputs = inputs;
  }

  /** Copies the inputs side by side and puts that on the tape. */
  public static Tensor apply(List<Tensor> inputs) {
    Tensor first = inputs.get(0);
    Pass pass = first.pass();
    boolean recorded = false;
    int channels = 0;
    for (Tensor input : inputs) {
      recorded |= pass.records(input);
      if (!sameButChannels(first.shape(), input.shape())) {
        throw new GradusException(
            "Cannot concatenate "
                + first.shape()
                + " and "
                + input.shape()
                + ": all but the channels must be equal.");
      }
      channels += input.shape().dim(1);
    }
    Tensor y = pass.allocate(withChannels(first.shape(), channels));
    int offset = 0;
    for (Tensor input : inputs) {
      int c = input.shape().dim(1);
      ChannelCopySpec spec =
          new ChannelCopySpec(y.shape().dim(0), pixels(input), c, c, 0, channels, offset);
      pass.backend().nn().copyChannels(spec, input.buffer(), y.buffer(), 0);
      offset += c;
    }
    if (recorded) {
      pass.record(new ConcatOp(List.copyOf(inputs)), y);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    int offset = 0;
    int channels = y.shape().dim(1);
    for (Tensor input : inputs) {
      int c = input.shape().dim(1);
      if (input.wantsGradient()) {
        ChannelCopySpec spec =
            new ChannelCopySpec(y.shape().dim(0), pixels(input), c, channels, offset, c, 0);
        pass.backend()
            .nn()
            .copyChannels(spec, y.gradient(), input.gradient(), input.gradientBeta());
      }
      offset += c;
    }
  }

  private static int pixels(Tensor x) {
    return Math.toIntExact(x.shape().size() / ((long) x.shape().dim(0) * x.shape().dim(1)));
  }

  private static Shape withChannels(Shape shape, int channels) {
    int[] dimensions = shape.toArray();
    dimensions[1] = channels;
    return Shape.of(dimensions);
  }

  private static boolean sameButChannels(Shape a, Shape b) {
    return a.rank() == b.rank() && a.rank() >= 2 && withChannels(a, 1).equals(withChannels(b, 1));
  }
}
