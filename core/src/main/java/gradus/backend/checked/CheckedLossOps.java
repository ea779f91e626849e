package gradus.backend.checked;

import static gradus.tensor.Placement.BATCH;
import static gradus.tensor.Placement.DENSE;

import gradus.backend.Buffer;
import gradus.backend.LossOps;
import gradus.backend.spec.CrossEntropySpec;
import gradus.tensor.DType;
import gradus.tensor.Shape;
import java.nio.IntBuffer;

/** Losses with their arguments checked, labels included. */
final class CheckedLossOps implements LossOps {
  private final LossOps inner;
  private final Checks checks;

  CheckedLossOps(LossOps inner, Checks checks) {
    this.inner = inner;
    this.checks = checks;
  }

  @Override
  public void crossEntropy(
      CrossEntropySpec spec,
      Buffer logits,
      Buffer labels,
      Buffer classWeights,
      Buffer loss,
      Buffer gradient) {
    OpCheck check = checks.of("crossEntropy");
    Shape shape = Shape.of(spec.n(), spec.classes());
    Buffer x = check.read("logits", logits, shape, BATCH);
    Buffer wanted = check.read("labels", labels, Shape.of(spec.n()), DType.I32, DENSE);
    Buffer weights = check.readOptional("classWeights", classWeights, perClass(spec), DENSE);
    Buffer mean = check.write("loss", loss, Shape.SCALAR, DENSE);
    Buffer dx = check.writeOptional("gradient", gradient, shape, BATCH);
    check.noAliasing();
    requireLabels(check, wanted, spec.n(), spec.classes());
    inner.crossEntropy(spec, x, wanted, weights, mean, dx);
  }

  @Override
  public void softCrossEntropy(
      CrossEntropySpec spec,
      Buffer logits,
      Buffer targets,
      Buffer classWeights,
      Buffer loss,
      Buffer gradient) {
    OpCheck check = checks.of("softCrossEntropy");
    Shape shape = Shape.of(spec.n(), spec.classes());
    check.require(spec.focusing() == 0, "the focal loss is defined for hard labels only");
    Buffer x = check.read("logits", logits, shape, BATCH);
    Buffer wanted = check.read("targets", targets, shape, BATCH);
    Buffer weights = check.readOptional("classWeights", classWeights, perClass(spec), DENSE);
    Buffer mean = check.write("loss", loss, Shape.SCALAR, DENSE);
    Buffer dx = check.writeOptional("gradient", gradient, shape, BATCH);
    check.noAliasing();
    inner.softCrossEntropy(spec, x, wanted, weights, mean, dx);
  }

  private static Shape perClass(CrossEntropySpec spec) {
    return Shape.of(spec.classes());
  }

  @Override
  public void meanSquaredError(Shape shape, Buffer x, Buffer target, Buffer loss, Buffer gradient) {
    OpCheck check = checks.of("meanSquaredError");
    Buffer in = check.read("x", x, shape, BATCH);
    Buffer wanted = check.read("target", target, shape, BATCH);
    Buffer mean = check.write("loss", loss, Shape.SCALAR, DENSE);
    Buffer dx = check.writeOptional("gradient", gradient, shape, BATCH);
    check.noAliasing();
    inner.meanSquaredError(shape, in, wanted, mean, dx);
  }

  @Override
  public void binaryCrossEntropyWithLogits(
      Shape shape, Buffer x, Buffer target, Buffer loss, Buffer gradient) {
    OpCheck check = checks.of("binaryCrossEntropyWithLogits");
    Buffer in = check.read("x", x, shape, BATCH);
    Buffer wanted = check.read("target", target, shape, BATCH);
    Buffer mean = check.write("loss", loss, Shape.SCALAR, DENSE);
    Buffer dx = check.writeOptional("gradient", gradient, shape, BATCH);
    check.noAliasing();
    inner.binaryCrossEntropyWithLogits(shape, in, wanted, mean, dx);
  }

  @Override
  public void countCorrect(int n, int classes, Buffer logits, Buffer labels, Buffer correct) {
    OpCheck check = checks.of("countCorrect");
    Buffer x = check.read("logits", logits, Shape.of(n, classes), BATCH);
    Buffer wanted = check.read("labels", labels, Shape.of(n), DType.I32, DENSE);
    Buffer count = check.write("correct", correct, Shape.SCALAR, DENSE);
    check.noAliasing();
    requireLabels(check, wanted, n, classes);
    inner.countCorrect(n, classes, x, wanted, count);
  }

  private void requireLabels(OpCheck check, Buffer labels, int n, int classes) {
    IntBuffer host = IntBuffer.allocate(n);
    checks.memory().copyOut(labels, Shape.of(n), DENSE, host);
    for (int i = 0; i < n; i++) {
      int label = host.get(i);
      check.require(
          label >= 0 && label < classes,
          "label " + label + " of example " + i + " is not among the " + classes + " classes");
    }
  }
}
