package gradus.backend.cuda;

import static gradus.backend.cuda.CudaBuffer.address;

import gradus.backend.Buffer;
import gradus.backend.LossOps;
import gradus.backend.spec.CrossEntropySpec;
import gradus.tensor.Shape;

/** Losses with their gradients, by own kernels. */
final class CudaLossOps implements LossOps {
  private static final int ROWS_PER_BLOCK = 16; // to count in: two for each warp

  private final CudaContext context;
  private final Reductions reductions;

  CudaLossOps(CudaContext context, Reductions reductions) {
    this.context = context;
    this.reductions = reductions;
  }

  @Override
  public void crossEntropy(
      CrossEntropySpec spec,
      Buffer logits,
      Buffer labels,
      Buffer classWeights,
      Buffer loss,
      Buffer gradient) {
    int n = spec.n();
    long rowLosses = reductions.partials(n + 1L);
    long divisor = classWeights == null ? 0 : rowLosses + (long) n * Float.BYTES; // 0 for n
    if (classWeights != null) {
      context
          .launch(Kernel.LABEL_WEIGHTS)
          .with(labels)
          .with(classWeights)
          .with(n)
          .with(divisor)
          .blocks(1, 1);
    }
    if (spec.focusing() > 0) {
      context
          .launch(Kernel.FOCAL_LOSS)
          .with(logits)
          .with(labels)
          .with(classWeights)
          .with(spec.focusing())
          .with(spec.classes())
          .with(divisor)
          .with(rowLosses)
          .with(gradient)
          .warpsOver(n);
    } else {
      rows(spec, logits, address(labels), 0, classWeights, divisor, rowLosses, gradient);
    }
    reductions.finish(rowLosses, n, divisor == 0 ? 1f / n : 1, divisor, loss);
  }

  @Override
  public void softCrossEntropy(
      CrossEntropySpec spec,
      Buffer logits,
      Buffer targets,
      Buffer classWeights,
      Buffer loss,
      Buffer gradient) {
    int n = spec.n();
    long rowLosses = reductions.partials(n);
    rows(spec, logits, 0, address(targets), classWeights, 0, rowLosses, gradient);
    reductions.finish(rowLosses, n, 1f / n, 0, loss);
  }

  private void rows(
      CrossEntropySpec spec,
      Buffer logits,
      long labels,
      long distributions,
      Buffer classWeights,
      long divisor,
      long rowLosses,
      Buffer gradient) {
    context
        .launch(Kernel.CROSS_ENTROPY)
        .with(logits)
        .with(labels)
        .with(distributions)
        .with(spec.labelSmoothing())
        .with(spec.classes())
        .with(classWeights)
        .with(divisor)
        .with(rowLosses)
        .with(gradient)
        .warpsOver(spec.n());
  }

  @Override
  public void meanSquaredError(Shape shape, Buffer x, Buffer target, Buffer loss, Buffer gradient) {
    elements(Kernel.SQUARED_ERROR, shape.size(), x, target, loss, gradient);
  }

  @Override
  public void binaryCrossEntropyWithLogits(
      Shape shape, Buffer x, Buffer target, Buffer loss, Buffer gradient) {
    elements(Kernel.BINARY_CROSS_ENTROPY, shape.size(), x, target, loss, gradient);
  }

  private void elements(
      Kernel kernel, long count, Buffer x, Buffer target, Buffer loss, Buffer gradient) {
    int blocks = Reductions.blocks(count);
    long partials = reductions.partials(blocks);
    context
        .launch(kernel)
        .with(x)
        .with(target)
        .with(partials)
        .with(gradient)
        .with(count)
        .blocks(blocks, 1);
    reductions.finish(partials, blocks, 1f / count, 0, loss);
  }

  @Override
  public void countCorrect(int n, int classes, Buffer logits, Buffer labels, Buffer correct) {
    int blocks = (int) Math.min(Launch.BLOCK, (n + ROWS_PER_BLOCK - 1L) / ROWS_PER_BLOCK);
    long partials = blocks == 1 ? address(correct) : reductions.partials(blocks);
    context
        .launch(Kernel.COUNT_CORRECT)
        .with(logits)
        .with(labels)
        .with(n)
        .with(classes)
        .with(partials)
        .blocks(blocks, 1);
    if (blocks > 1) {
      reductions.finish(partials, blocks, 1, 0, correct);
    }
  }
}
