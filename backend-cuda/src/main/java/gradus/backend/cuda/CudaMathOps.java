package gradus.backend.cuda;

import static gradus.backend.cuda.CudaBuffer.address;

import gradus.backend.Buffer;
import gradus.backend.MathOps;
import gradus.backend.spec.Activation;
import gradus.tensor.Placement;
import gradus.tensor.Shape;

/** Elementwise arithmetic and reductions, by own kernels. */
final class CudaMathOps implements MathOps {
  private final CudaContext context;
  private final Copies copies;
  private final Reductions reductions;

  CudaMathOps(CudaContext context, Copies copies, Reductions reductions) {
    this.context = context;
    this.copies = copies;
    this.reductions = reductions;
  }

  @Override
  public void fill(Buffer y, float value) {
    context.launch(Kernel.FILL).with(y).with(value).over(y.elements());
  }

  @Override
  public void copy(Buffer x, Buffer y) {
    copies.copy(x, y);
  }

  @Override
  public void add(Buffer a, Buffer b, Buffer y) {
    context.launch(Kernel.ADD).with(a).with(b).with(y).over(y.elements());
  }

  @Override
  public void multiply(Buffer a, Buffer b, Buffer y) {
    context.launch(Kernel.MULTIPLY).with(a).with(b).with(y).over(y.elements());
  }

  @Override
  public void addScaled(float alpha, Buffer x, Buffer y) {
    context.launch(Kernel.ADD_SCALED).with(alpha).with(x).with(y).over(y.elements());
  }

  @Override
  public void scale(float alpha, Buffer y) {
    context.launch(Kernel.SCALE).with(alpha).with(y).over(y.elements());
  }

  @Override
  public void scaleBy(Buffer scalar, Buffer y) {
    context.launch(Kernel.SCALE_BY).with(scalar).with(y).over(y.elements());
  }

  @Override
  public void activation(Activation f, Buffer x, Buffer y) {
    context
        .launch(Kernel.ACTIVATION)
        .with(kind(f))
        .with(f.alpha())
        .values(x)
        .values(y)
        .over(y.elements());
  }

  @Override
  public void activationBackward(
      Activation f, Buffer x, Buffer y, Buffer dy, Buffer dx, float beta) {
    context
        .launch(Kernel.ACTIVATION_BACKWARD)
        .with(kind(f))
        .with(f.alpha())
        .values(x)
        .values(y)
        .values(dy)
        .values(dx)
        .with(beta)
        .over(dx.elements());
  }

  @Override
  public void reshape(Buffer x, Shape from, Buffer y, Shape to, float beta) {
    ImageLayout source = context.layout(from);
    ImageLayout target = context.layout(to);
    if (target.isLogical()) {
      context.move(source, source.logical()).values(x).values(y).with(beta).over(y.elements());
    } else if (source.isLogical()) {
      context.move(target.logical(), target).values(x).values(y).with(beta).over(y.elements());
    } else { // by way of the logical order
      long between = context.workspace(x.bytes()).address();
      context
          .move(source, source.logical())
          .values(x)
          .values(between, x.dtype())
          .with(0f)
          .over(x.elements());
      context
          .move(target.logical(), target)
          .values(between, x.dtype())
          .values(y)
          .with(beta)
          .over(y.elements());
    }
  }

  @Override
  public void round(Buffer x, Buffer y, Buffer packed) {
    context.launch(Kernel.ROUND_TO).with(x).with(y).values(packed).over(x.elements());
  }

  @Override
  public void expand(Buffer packed, Buffer y) {
    context.launch(Kernel.CONVERT).values(packed).values(y).with(0f).over(y.elements());
  }

  /** The numbers of elementwise.cu. */
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
  public void sumOfSquares(Buffer x, long first, long count, Buffer out) {
    int blocks = Reductions.blocks(count);
    long partials = reductions.partials(blocks);
    context
        .launch(Kernel.PARTIAL_SUM_OF_SQUARES)
        .with(address(x, first))
        .with(partials)
        .with(count)
        .blocks(blocks, 1);
    reductions.finish(partials, blocks, 1, 0, out);
  }

  @Override
  public void statistics(Buffer x, Shape shape, Placement placement, Buffer out) {
    int blocks = Reductions.blocks(shape.size());
    long partials = reductions.partials(6L * blocks);
    context
        .launch(Kernel.PARTIAL_STATISTICS)
        .with(x)
        .with(partials)
        .with(shape.size())
        .blocks(blocks, 1);
    context.launch(Kernel.FINISH_STATISTICS).with(partials).with(blocks).with(out).blocks(1, 1);
  }
}
