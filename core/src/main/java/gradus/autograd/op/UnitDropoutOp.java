package gradus.autograd.op;

import gradus.autograd.Op;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.spec.ChannelScaleSpec;
import gradus.backend.spec.DropoutSpec;
import gradus.tensor.Shape;

/**
 * y = x with whole examples, or whole channels of examples, set to 0 at random and the others
 * scaled up, in a training pass; x itself in an evaluation pass.
 */
public final class UnitDropoutOp extends Op {
  private final String name;
  private final ChannelScaleSpec spec;
  private final Tensor x;
  private final Tensor factors;

  private UnitDropoutOp(String name, ChannelScaleSpec spec, Tensor x, Tensor factors) {
    this.name = name;
    this.spec = spec;
    this.x = x;
    this.factors = factors;
  }

  /** Drops examples and puts that on the tape. */
  public static Tensor ofExamples(float probability, Tensor x) {
    // To the backend an example is one channel: one factor for all it has.
    return apply("StochasticDepth", probability, x, 1);
  }

  /** Drops channels, of each example others, and puts that on the tape. */
  public static Tensor ofChannels(float probability, Tensor x) {
    return apply("Dropout2d", probability, x, x.shape().dim(1));
  }

  private static Tensor apply(String name, float probability, Tensor x, int units) {
    Pass pass = x.pass();
    if (!pass.isDropping() || probability == 0) {
      return x;
    }
    boolean recorded = pass.records(x);
    int n = x.shape().dim(0);
    ChannelScaleSpec spec =
        new ChannelScaleSpec(n, units, Math.toIntExact(x.shape().size() / n / units));
    Tensor factors = pass.allocate(Shape.of(n, units));
    DropoutSpec draw = DropoutSpec.of(factors.shape(), probability, pass.nextSeed());
    Tensor y = pass.allocate(x.shape());
    Backend backend = pass.backend();
    backend.math().fill(factors.buffer(), 1);
    backend.nn().dropout(draw, factors.buffer(), factors.buffer());
    backend.nn().scaleChannels(spec, x.buffer(), factors.buffer(), y.buffer(), 0);
    if (recorded) {
      pass.record(new UnitDropoutOp(name, spec, x, factors), y);
    }
    return y;
  }

  @Override
  protected void backward(Pass pass, Tensor y) {
    pass.backend()
        .nn()
        .scaleChannels(spec, y.gradient(), factors.buffer(), x.gradient(), x.gradientBeta());
  }

  @Override
  public String name() {
    return name;
  }
}
