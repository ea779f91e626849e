package gradus.autograd.op;

import gradus.GradusException;
import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.spec.ChannelScaleSpec;
import gradus.tensor.Shape;

/** y = s x: each channel of each image of x {@code [N,C,..]} times its factor in s, N C values. */
public final class ScaleChannelsOp extends Op {
  private final ChannelScaleSpec spec;
  private final Tensor x;
  private final Tensor s;

  private ScaleChannelsOp(ChannelScaleSpec spec, Tensor x, Tensor s) {
    this.spec = spec;
    this.x = x;
    this.s = s;
  }

  /** Runs the product and puts it on the tape. */
  public static Tensor apply(Tensor x, Tensor s) {
    Shape shape = x.shape();
    if (s.shape().size() != (long) shape.dim(0) * shape.dim(1)
        || s.shape().dim(0) != shape.dim(0)) {
      throw new GradusException(
          "Cannot scale the channels of "
              + shape
              + " by "
              + s.shape()
              + ": give one factor for each.");
    }
    int pixels = Math.toIntExact(shape.size() / ((long) shape.dim(0) * shape.dim(1)));
    ChannelScaleSpec spec = new ChannelScaleSpec(shape.dim(0), shape.dim(1), pixels);
    Pass pass = x.pass();
    boolean xRecorded = pass.records(x);
    boolean recorded = pass.records(s) || xRecorded;
    Tensor y = pass.allocate(shape);
    pass.backend().nn().scaleChannels(spec, x.buffer(), s.buffer(), y.buffer(), 0);
    if (recorded) {
      pass.record(new ScaleChannelsOp(spec, x, s), y);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    if (s.wantsGradient()) {
      pass.backend()
          .nn()
          .dotChannels(spec, x.buffer(), y.gradient(), s.gradient(), s.gradientBeta());
    }
    if (x.wantsGradient()) {
      pass.backend()
          .nn()
          .scaleChannels(spec, y.gradient(), s.buffer(), x.gradient(), x.gradientBeta());
    }
  }
}
