package gradus.backend.tck;

import static gradus.tensor.Placement.DENSE;

import gradus.backend.Buffer;
import gradus.backend.spec.AdamSpec;
import gradus.backend.spec.SgdSpec;
import gradus.tensor.Shape;
import java.util.stream.Stream;

/** Parameter updates over the whole and over a part of the flat arrays. */
final class OptimizerOpsCases {
  private static final int LENGTH = 10_007;
  private static final Shape FLAT = Shape.of(LENGTH);
  private static final Tolerance TOLERANCE = new Tolerance(16, 0.1, false);

  private OptimizerOpsCases() {}

  static Stream<OpCase> all() {
    return Stream.concat(
        Stream.of(
                new SgdSpec(0.1f, 0, 0, false, 0, true),
                new SgdSpec(0.1f, 0, 0, false, 0.01f, false),
                new SgdSpec(0.1f, 0.9f, 0, false, 0, true),
                new SgdSpec(0.1f, 0.9f, 0.5f, false, 0.01f, true),
                new SgdSpec(0.1f, 0.9f, 0.5f, false, 0.01f, false),
                new SgdSpec(0.1f, 0.9f, 0, true, 0.01f, true),
                new SgdSpec(0.1f, 0.9f, 0, true, 0.01f, false))
            .flatMap(spec -> Stream.of(sgd(spec, 0, LENGTH), sgd(spec, 7, 1001), sgd(spec, 33, 1))),
        Stream.of(
                new AdamSpec(0.01f, 0.9f, 0.999f, 1e-8f, 0, false, 1),
                new AdamSpec(0.01f, 0.9f, 0.999f, 1e-8f, 0.1f, false, 2),
                new AdamSpec(0.01f, 0.9f, 0.999f, 1e-8f, 0.1f, true, 2),
                new AdamSpec(0.01f, 0.8f, 0.99f, 1e-3f, 0.1f, true, 100_000))
            .flatMap(
                spec -> Stream.of(adam(spec, 0, LENGTH), adam(spec, 7, 1001), adam(spec, 33, 1))));
  }

  private static OpCase sgd(SgdSpec spec, long first, long count) {
    return new OpCase(
        "sgd " + range(first, count) + spec,
        TOLERANCE,
        t -> {
          Buffer values = t.observe("values", t.dense(FLAT), FLAT, DENSE);
          Buffer gradients = t.dense(FLAT);
          Buffer velocity =
              spec.momentum() == 0 ? null : t.observe("velocity", t.dense(FLAT), FLAT, DENSE);
          t.backend().optimizers().sgd(spec, values, gradients, velocity, first, count);
        });
  }

  private static OpCase adam(AdamSpec spec, long first, long count) {
    return new OpCase(
        "adam " + range(first, count) + spec,
        TOLERANCE,
        t -> {
          Buffer values = t.observe("values", t.dense(FLAT), FLAT, DENSE);
          Buffer gradients = t.dense(FLAT);
          Buffer mean = t.observe("mean", t.dense(FLAT), FLAT, DENSE);
          Buffer variance =
              t.observe("variance", t.dense(FLAT, t.random().uniform(LENGTH, 0, 1)), FLAT, DENSE);
          t.backend().optimizers().adam(spec, values, gradients, mean, variance, first, count);
        });
  }

  private static String range(long first, long count) {
    return "of " + count + " from " + first + " ";
  }
}
