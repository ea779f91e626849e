package gradus.backend.cpu;

import static gradus.backend.cpu.CpuBuffer.address;

import gradus.backend.Buffer;
import gradus.backend.LossOps;
import gradus.backend.spec.CrossEntropySpec;
import gradus.kernels.Kernels;
import gradus.tensor.Shape;

/** Losses with their gradients, one call each. */
final class CpuLossOps implements LossOps {
  private final CpuContext context;

  CpuLossOps(CpuContext context) {
    this.context = context;
  }

  @Override
  public void crossEntropy(
      CrossEntropySpec spec,
      Buffer logits,
      Buffer labels,
      Buffer classWeights,
      Buffer loss,
      Buffer gradient) {
    context.check(
        Kernels.crossEntropy(
            context.handle(),
            context.spec(spec),
            address(logits),
            address(labels),
            address(classWeights),
            address(loss),
            address(gradient)));
  }

  @Override
  public void softCrossEntropy(
      CrossEntropySpec spec,
      Buffer logits,
      Buffer targets,
      Buffer classWeights,
      Buffer loss,
      Buffer gradient) {
    context.check(
        Kernels.softCrossEntropy(
            context.handle(),
            context.spec(spec),
            address(logits),
            address(targets),
            address(classWeights),
            address(loss),
            address(gradient)));
  }

  @Override
  public void meanSquaredError(Shape shape, Buffer x, Buffer target, Buffer loss, Buffer gradient) {
    int n = shape.dim(0);
    context.check(
        Kernels.meanSquaredError(
            context.handle(),
            n,
            shape.size() / n,
            address(x),
            address(target),
            address(loss),
            address(gradient)));
  }

  @Override
  public void binaryCrossEntropyWithLogits(
      Shape shape, Buffer x, Buffer target, Buffer loss, Buffer gradient) {
    int n = shape.dim(0);
    context.check(
        Kernels.binaryCrossEntropy(
            context.handle(),
            n,
            shape.size() / n,
            address(x),
            address(target),
            address(loss),
            address(gradient)));
  }

  @Override
  public void countCorrect(int n, int classes, Buffer logits, Buffer labels, Buffer correct) {
    context.check(
        Kernels.countCorrect(
            context.handle(), n, classes, address(logits), address(labels), address(correct)));
  }
}
