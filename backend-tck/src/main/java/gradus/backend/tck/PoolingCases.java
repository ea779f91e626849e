package gradus.backend.tck;

import static gradus.tensor.Placement.BATCH;

import gradus.backend.Buffer;
import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.PoolSpec;
import java.util.Arrays;
import java.util.stream.Stream;

/** Pooling over sliding and adaptive windows. */
final class PoolingCases {
  private PoolingCases() {}

  static Stream<OpCase> all() {
    return Stream.of(
            Shapes.pools().stream().flatMap(PoolingCases::maximum),
            Shapes.pools().stream().flatMap(PoolingCases::mean),
            Shapes.adaptivePools().stream().flatMap(PoolingCases::adaptive))
        .flatMap(cases -> cases);
  }

  private static Stream<OpCase> maximum(PoolSpec spec) {
    return Stream.of(
        new OpCase("maxPool " + spec, Tolerance.EXACT, t -> maxPool(t, spec, uniform(t, spec))),
        new OpCase(
            "maxPool with many ties " + spec,
            Tolerance.EXACT,
            t -> {
              t.random().useQuarters();
              maxPool(t, spec, uniform(t, spec));
            }),
        new OpCase(
            "maxPool of equal values " + spec,
            Tolerance.EXACT,
            t -> {
              float[] values = uniform(t, spec);
              Arrays.fill(values, -3);
              maxPool(t, spec, values);
            }),
        new OpCase(
            "maxPool of special values " + spec,
            Tolerance.EXACT,
            t -> {
              float[] values = uniform(t, spec);
              Arrays.fill(values, 0, values.length / 3, Float.NEGATIVE_INFINITY);
              values[values.length / 2] = Float.NaN;
              values[values.length - 1] = Float.POSITIVE_INFINITY;
              maxPool(t, spec, values);
            }),
        maximumBackward(spec, 0),
        maximumBackward(spec, 1));
  }

  private static float[] uniform(Trial t, PoolSpec spec) {
    return t.random().uniform(spec.inputShape().size());
  }

  private static void maxPool(Trial t, PoolSpec spec, float[] values) {
    Buffer x = t.activations(spec.inputShape(), values);
    Buffer y = t.result("y", spec.outputShape(), BATCH);
    t.backend().nn().maxPool(spec, x, y, t.indices("index", spec.outputShape()));
    Buffer alone = t.result("y without index", spec.outputShape(), BATCH);
    t.backend().nn().maxPool(spec, x, alone, null);
  }

  private static OpCase maximumBackward(PoolSpec spec, float beta) {
    return new OpCase(
        "maxPoolBackward beta " + beta + " " + spec,
        Tolerance.cancellingSum((long) spec.kernelH() * spec.kernelW()),
        t -> {
          Buffer x = t.activations(spec.inputShape());
          Buffer index = t.indices("index", spec.outputShape());
          t.backend().nn().maxPool(spec, x, t.result("y", spec.outputShape(), BATCH), index);
          Buffer dy = t.gradients(spec.outputShape());
          Buffer dx = t.result("dx", spec.inputShape(), BATCH, beta);
          t.backend().nn().maxPoolBackward(spec, dy, index, dx, beta);
        });
  }

  private static Stream<OpCase> mean(PoolSpec spec) {
    Tolerance tolerance = Tolerance.sum((long) spec.kernelH() * spec.kernelW());
    return Stream.concat(
        Stream.of(
            new OpCase(
                "avgPool " + spec,
                tolerance,
                t -> {
                  Buffer x = t.activations(spec.inputShape());
                  t.backend().nn().avgPool(spec, x, t.result("y", spec.outputShape(), BATCH));
                })),
        Stream.of(0f, 1f)
            .map(
                beta ->
                    new OpCase(
                        "avgPoolBackward beta " + beta + " " + spec,
                        tolerance,
                        t -> {
                          Buffer dy = t.gradients(spec.outputShape());
                          Buffer dx = t.result("dx", spec.inputShape(), BATCH, beta);
                          t.backend().nn().avgPoolBackward(spec, dy, dx, beta);
                        })));
  }

  private static Stream<OpCase> adaptive(AdaptivePoolSpec spec) {
    Tolerance tolerance = Tolerance.sum((long) spec.h() * spec.w());
    return Stream.concat(
        Stream.of(
            new OpCase(
                "adaptiveAvgPool " + spec,
                tolerance,
                t -> {
                  Buffer x = t.activations(spec.inputShape());
                  Buffer y = t.result("y", spec.outputShape(), BATCH);
                  t.backend().nn().adaptiveAvgPool(spec, x, y);
                })),
        Stream.of(0f, 1f)
            .map(
                beta ->
                    new OpCase(
                        "adaptiveAvgPoolBackward beta " + beta + " " + spec,
                        tolerance,
                        t -> {
                          Buffer dy = t.gradients(spec.outputShape());
                          Buffer dx = t.result("dx", spec.inputShape(), BATCH, beta);
                          t.backend().nn().adaptiveAvgPoolBackward(spec, dy, dx, beta);
                        })));
  }
}
