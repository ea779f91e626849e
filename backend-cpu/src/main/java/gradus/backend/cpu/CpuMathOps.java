package gradus.backend.cpu;

import static gradus.backend.cpu.CpuBuffer.address;
import static gradus.backend.cpu.CpuBuffer.packed;

import gradus.backend.Buffer;
import gradus.backend.MathOps;
import gradus.backend.spec.Activation;
import gradus.kernels.Kernels;
import gradus.tensor.Placement;
import gradus.tensor.Shape;

/** Elementwise arithmetic over all physical elements, idle lanes included, and reductions. */
final class CpuMathOps implements MathOps {
  private final CpuContext context;

  CpuMathOps(CpuContext context) {
    this.context = context;
  }

  @Override
  public void fill(Buffer y, float value) {
    context.check(Kernels.fill(context.handle(), address(y), y.elements(), value));
  }

  @Override
  public void copy(Buffer x, Buffer y) {
    context.check(Kernels.copy(context.handle(), address(x), address(y), y.bytes()));
  }

  @Override
  public void add(Buffer a, Buffer b, Buffer y) {
    context.check(Kernels.add(context.handle(), address(a), address(b), address(y), y.elements()));
  }

  @Override
  public void multiply(Buffer a, Buffer b, Buffer y) {
    context.check(
        Kernels.multiply(context.handle(), address(a), address(b), address(y), y.elements()));
  }

  @Override
  public void addScaled(float alpha, Buffer x, Buffer y) {
    context.check(Kernels.addScaled(context.handle(), alpha, address(x), address(y), y.elements()));
  }

  @Override
  public void scale(float alpha, Buffer y) {
    context.check(Kernels.scale(context.handle(), alpha, address(y), y.elements()));
  }

  @Override
  public void scaleBy(Buffer scalar, Buffer y) {
    context.check(Kernels.scaleBy(context.handle(), address(scalar), address(y), y.elements()));
  }

  @Override
  public void activation(Activation f, Buffer x, Buffer y) {
    context.check(
        Kernels.activation(
            context.handle(), kind(f), f.alpha(), address(x), address(y), packed(x), y.elements()));
  }

  @Override
  public void activationBackward(
      Activation f, Buffer x, Buffer y, Buffer dy, Buffer dx, float beta) {
    context.check(
        Kernels.activationBackward(
            context.handle(),
            kind(f),
            f.alpha(),
            address(x),
            address(y),
            packed(x),
            address(dy),
            packed(dy),
            address(dx),
            packed(dx),
            beta,
            dx.elements()));
  }

  /** The function's number in elementwise.h. */
  private static int kind(Activation f) {
    return switch (f.kind()) {
      case RELU -> 0;
      case LEAKY_RELU -> 1;
      case ELU -> 2;
      case SILU -> 3;
      case GELU -> 4;
      case SIGMOID -> 5;
      case TANH -> 6;
      case RELU6 -> 7;
      case EXP -> 8;
      case SELU -> 9;
      case SOFTPLUS -> 10;
      case MISH -> 11;
      case HARDSIGMOID -> 12;
      case HARDSWISH -> 13;
    };
  }

  @Override
  public void round(Buffer x, Buffer y, Buffer packed) {
    context.check(
        Kernels.roundBf16(context.handle(), address(x), address(y), address(packed), x.elements()));
  }

  @Override
  public void expand(Buffer packed, Buffer y) {
    context.check(Kernels.expandBf16(context.handle(), address(packed), address(y), y.elements()));
  }

  @Override
  public void sumOfSquares(Buffer x, long first, long count, Buffer out) {
    context.check(Kernels.sumOfSquares(context.handle(), address(x, first), count, address(out)));
  }

  @Override
  public void statistics(Buffer x, Shape shape, Placement placement, Buffer out) {
    boolean batch = placement == Placement.BATCH;
    int n = batch ? shape.dim(0) : 0; // 0: dense
    context.check(
        Kernels.statistics(
            context.handle(),
            address(x),
            n,
            batch ? shape.size() / n : shape.size(),
            address(out)));
  }
}
