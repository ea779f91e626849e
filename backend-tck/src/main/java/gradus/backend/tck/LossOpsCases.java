package gradus.backend.tck;

import static gradus.tensor.Placement.BATCH;
import static gradus.tensor.Placement.DENSE;

import gradus.backend.Buffer;
import gradus.backend.spec.CrossEntropySpec;
import gradus.tensor.DType;
import gradus.tensor.Shape;
import java.util.List;
import java.util.stream.Stream;

/** Losses: once alone, once with their gradient. */
final class LossOpsCases {
  private LossOpsCases() {}

  private static final List<CrossEntropySpec> CROSS_ENTROPIES =
      List.of(
          new CrossEntropySpec(1, 2, 0, 0),
          new CrossEntropySpec(15, 10, 0, 0),
          new CrossEntropySpec(16, 10, 0.1f, 0),
          new CrossEntropySpec(17, 31, 0, 0),
          new CrossEntropySpec(33, 7, 0.5f, 0),
          new CrossEntropySpec(64, 1000, 0, 0));

  private static final List<CrossEntropySpec> FOCALS =
      List.of(
          new CrossEntropySpec(1, 10, 0, 2),
          new CrossEntropySpec(16, 7, 0, 0.5f),
          new CrossEntropySpec(33, 31, 0, 2));

  static Stream<OpCase> all() {
    Stream<OpCase> hard =
        Stream.concat(CROSS_ENTROPIES.stream(), FOCALS.stream())
            .flatMap(
                spec ->
                    Stream.of(1f, 100f)
                        .flatMap(
                            range ->
                                Stream.of(true, false)
                                    .flatMap(weighted -> crossEntropy(spec, range, weighted))));
    Stream<OpCase> soft =
        CROSS_ENTROPIES.stream()
            .flatMap(
                spec ->
                    Stream.of(true, false).flatMap(weighted -> softCrossEntropy(spec, weighted)));
    Stream<OpCase> elementwise =
        Stream.of(Shape.of(1, 1), Shape.of(16, 7), Shape.of(17, 3, 5, 7), Shape.of(33, 1))
            .flatMap(shape -> Stream.concat(meanSquaredError(shape), binaryCrossEntropy(shape)));
    Stream<OpCase> others =
        Stream.of(
            notANumber(),
            ruledOut(5, 0, false),
            ruledOut(17, 0, false),
            ruledOut(17, 2, false),
            ruledOut(17, 0, true),
            softlyRuledOut(5),
            softlyRuledOut(17),
            countCorrect(1, 2),
            countCorrect(15, 10),
            countCorrect(17, 3),
            countCorrect(64, 31),
            countCorrect(5000, 2),
            countCorrectOfTies(),
            countCorrectOfNotANumber());
    return Stream.of(hard, soft, elementwise, others).flatMap(cases -> cases);
  }

  private static Tolerance lossTolerance() {
    return Tolerance.roundings(32);
  }

  /** A gradient of a mean over n is of order 1/n. */
  private static Tolerance gradientTolerance(long n) {
    return new Tolerance(64, 1.0 / n, false);
  }

  private static Stream<OpCase> crossEntropy(CrossEntropySpec spec, float range, boolean weighted) {
    String name = "crossEntropy to " + range + (weighted ? " weighted " : " ") + spec;
    Shape shape = Shape.of(spec.n(), spec.classes());
    return Stream.of(
        new OpCase(
            name,
            lossTolerance(),
            t -> {
              Buffer logits = logits(t, shape, range);
              Buffer labels = t.labels(t.random().labels(spec.n(), spec.classes()));
              Buffer weights = classWeights(t, spec, weighted);
              Buffer loss = t.result("loss", Shape.SCALAR, DENSE);
              t.backend().losses().crossEntropy(spec, logits, labels, weights, loss, null);
            }),
        new OpCase(
            name + " gradient",
            gradientTolerance(spec.n()),
            t -> {
              Buffer logits = logits(t, shape, range);
              Buffer labels = t.labels(t.random().labels(spec.n(), spec.classes()));
              Buffer weights = classWeights(t, spec, weighted);
              Buffer loss = t.scratch(Shape.SCALAR, DType.F32, DENSE);
              Buffer gradient = t.result("gradient", shape, BATCH);
              t.backend().losses().crossEntropy(spec, logits, labels, weights, loss, gradient);
            }));
  }

  private static Stream<OpCase> softCrossEntropy(CrossEntropySpec spec, boolean weighted) {
    String name = "softCrossEntropy" + (weighted ? " weighted " : " ") + spec;
    Shape shape = Shape.of(spec.n(), spec.classes());
    return Stream.of(
        new OpCase(
            name,
            lossTolerance(),
            t -> {
              Buffer logits = logits(t, shape, 3);
              Buffer targets =
                  t.gradients(shape, t.random().distributions(spec.n(), spec.classes()));
              Buffer weights = classWeights(t, spec, weighted);
              Buffer loss = t.result("loss", Shape.SCALAR, DENSE);
              t.backend().losses().softCrossEntropy(spec, logits, targets, weights, loss, null);
            }),
        new OpCase(
            name + " gradient",
            gradientTolerance(spec.n()),
            t -> {
              Buffer logits = logits(t, shape, 3);
              Buffer targets =
                  t.gradients(shape, t.random().distributions(spec.n(), spec.classes()));
              Buffer weights = classWeights(t, spec, weighted);
              Buffer loss = t.scratch(Shape.SCALAR, DType.F32, DENSE);
              Buffer gradient = t.result("gradient", shape, BATCH);
              t.backend().losses().softCrossEntropy(spec, logits, targets, weights, loss, gradient);
            }));
  }

  private static Buffer logits(Trial t, Shape shape, float range) {
    float[] values = t.random().uniform(shape.size());
    for (int i = 0; i < values.length; i++) {
      values[i] *= range;
    }
    return t.gradients(shape, values);
  }

  private static Buffer classWeights(Trial t, CrossEntropySpec spec, boolean weighted) {
    return weighted
        ? t.dense(Shape.of(spec.classes()), t.random().uniform(spec.classes(), 0.25f, 2))
        : null;
  }

  private static Stream<OpCase> meanSquaredError(Shape shape) {
    return Stream.of(
        new OpCase(
            "meanSquaredError " + shape,
            lossTolerance(),
            t -> {
              Buffer x = t.activations(shape);
              Buffer target = t.gradients(shape);
              Buffer loss = t.result("loss", Shape.SCALAR, DENSE);
              t.backend().losses().meanSquaredError(shape, x, target, loss, null);
            }),
        new OpCase(
            "meanSquaredError gradient " + shape,
            gradientTolerance(shape.size()),
            t -> {
              Buffer x = t.activations(shape);
              Buffer target = t.gradients(shape);
              Buffer loss = t.scratch(Shape.SCALAR, DType.F32, DENSE);
              Buffer gradient = t.result("gradient", shape, BATCH);
              t.backend().losses().meanSquaredError(shape, x, target, loss, gradient);
            }));
  }

  private static Stream<OpCase> binaryCrossEntropy(Shape shape) {
    return Stream.of(1f, 100f)
        .flatMap(
            range ->
                Stream.of(
                    new OpCase(
                        "binaryCrossEntropyWithLogits to " + range + " " + shape,
                        lossTolerance(),
                        t -> {
                          Buffer x = logits(t, shape, range);
                          Buffer target =
                              t.activations(shape, t.random().uniform(shape.size(), 0, 1));
                          Buffer loss = t.result("loss", Shape.SCALAR, DENSE);
                          t.backend()
                              .losses()
                              .binaryCrossEntropyWithLogits(shape, x, target, loss, null);
                        }),
                    new OpCase(
                        "binaryCrossEntropyWithLogits gradient to " + range + " " + shape,
                        gradientTolerance(shape.size()),
                        t -> {
                          Buffer x = logits(t, shape, range);
                          Buffer target =
                              t.activations(shape, t.random().uniform(shape.size(), 0, 1));
                          Buffer loss = t.scratch(Shape.SCALAR, DType.F32, DENSE);
                          Buffer gradient = t.result("gradient", shape, BATCH);
                          t.backend()
                              .losses()
                              .binaryCrossEntropyWithLogits(shape, x, target, loss, gradient);
                        })));
  }

  /** One NaN among the logits: the loss is NaN, and the gradient of that row, and no other. */
  private static OpCase notANumber() {
    CrossEntropySpec spec = new CrossEntropySpec(17, 10, 0, 0);
    Shape shape = Shape.of(17, 10);
    return new OpCase(
        "crossEntropy of NaN",
        gradientTolerance(17),
        t -> {
          float[] values = t.random().uniform(shape.size());
          values[34] = Float.NaN;
          Buffer logits = t.gradients(shape, values);
          Buffer labels = t.labels(t.random().labels(17, 10));
          Buffer loss = t.result("loss", Shape.SCALAR, DENSE);
          Buffer gradient = t.result("gradient", shape, BATCH);
          t.backend().losses().crossEntropy(spec, logits, labels, null, loss, gradient);
        });
  }

  /** The last class has a logit of minus infinity, as where it is masked out. */
  private static OpCase ruledOut(int n, float focusing, boolean butMeant) {
    CrossEntropySpec spec = new CrossEntropySpec(n, 10, 0, focusing);
    return new OpCase(
        "crossEntropy with a class ruled out" + (butMeant ? " that was meant " : " ") + spec,
        gradientTolerance(n),
        t -> {
          int[] labels = t.random().labels(n, 9);
          labels[n - 1] = butMeant ? 9 : labels[n - 1];
          Buffer loss = t.result("loss", Shape.SCALAR, DENSE);
          Buffer gradient = t.result("gradient", Shape.of(n, 10), BATCH);
          t.backend()
              .losses()
              .crossEntropy(spec, withoutLast(t, n), t.labels(labels), null, loss, gradient);
        });
  }

  private static OpCase softlyRuledOut(int n) {
    CrossEntropySpec spec = new CrossEntropySpec(n, 10, 0, 0);
    return new OpCase(
        "softCrossEntropy with a class ruled out " + spec,
        gradientTolerance(n),
        t -> {
          float[] targets = new float[10 * n];
          float[] of9 = t.random().distributions(n, 9);
          for (int row = 0; row < n; row++) {
            System.arraycopy(of9, 9 * row, targets, 10 * row, 9);
          }
          Buffer distributions = t.gradients(Shape.of(n, 10), targets);
          Buffer loss = t.result("loss", Shape.SCALAR, DENSE);
          Buffer gradient = t.result("gradient", Shape.of(n, 10), BATCH);
          t.backend()
              .losses()
              .softCrossEntropy(spec, withoutLast(t, n), distributions, null, loss, gradient);
        });
  }

  private static Buffer withoutLast(Trial t, int n) {
    float[] values = t.random().uniform(10L * n);
    for (int row = 0; row < n; row++) {
      values[10 * row + 9] = Float.NEGATIVE_INFINITY;
    }
    return t.gradients(Shape.of(n, 10), values);
  }

  private static OpCase countCorrect(int n, int classes) {
    return new OpCase(
        "countCorrect " + n + " of " + classes,
        Tolerance.EXACT,
        t ->
            countCorrect(
                t,
                n,
                classes,
                t.random().uniform((long) n * classes),
                t.random().labels(n, classes)));
  }

  private static OpCase countCorrectOfTies() {
    return new OpCase(
        "countCorrect of ties",
        Tolerance.EXACT,
        t -> countCorrect(t, 4, 2, new float[] {1, 1, 1, 1, 0, 1, 0, 1}, new int[] {0, 1, 0, 1}));
  }

  private static OpCase countCorrectOfNotANumber() {
    float nan = Float.NaN;
    return new OpCase(
        "countCorrect of NaN",
        Tolerance.EXACT,
        t ->
            countCorrect(
                t, 4, 2, new float[] {nan, 1, 1, nan, nan, 1, 1, 0}, new int[] {0, 0, 1, 0}));
  }

  private static void countCorrect(Trial t, int n, int classes, float[] logits, int[] labels) {
    Buffer x = t.activations(Shape.of(n, classes), logits);
    Buffer correct = t.result("correct", Shape.SCALAR, DENSE);
    t.backend().losses().countCorrect(n, classes, x, t.labels(labels), correct);
  }
}
