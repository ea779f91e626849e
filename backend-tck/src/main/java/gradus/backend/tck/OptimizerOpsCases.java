package gradus.backend.tck;

import static gradus.tensor.Placement.DENSE;

import gradus.backend.Buffer;
import gradus.backend.spec.AdamSpec;
import gradus.backend.spec.SgdSpec;
import gradus.backend.spec.UpdateSpec;
import gradus.backend.spec.UpdateSpec.Rule;
import gradus.tensor.Shape;
import java.util.stream.Stream;

/** Parameter updates over the whole and over a part of the flat arrays. */
final class OptimizerOpsCases {
  private static final int LENGTH = 10_007;
  private static final Shape FLAT = Shape.of(LENGTH);
  private static final Tolerance TOLERANCE = new Tolerance(16, 0.1, false);

  private OptimizerOpsCases() {}

  static Stream<OpCase> all() {
    return Stream.of(sgdAndAdam(), updates(), ofGradients()).flatMap(s -> s);
  }

  private static Stream<OpCase> updates() {
    return Stream.of(
            // Adam's family, without and with a third array, and without a division.
            new Update(new UpdateSpec(Rule.MOMENTS, 0.01, 1, 0.1, 0.9, 0.999, 1e-8, 0, 3), 2),
            new Update(new UpdateSpec(Rule.MOMENTS, 0.01, 0.9, 0, 0.9, 0.99, 1e-3, 0.02, 1), 3),
            new Update(new UpdateSpec(Rule.MOMENTS, 0.01, 1, 0, 0.9, 0.999, 1, 0, 0), 2),
            new Update(new UpdateSpec(Rule.RMSPROP, 0.01, 1, 0.1, 0, 0.9, 1e-2, 0, 0), 1),
            new Update(new UpdateSpec(Rule.RMSPROP, 0.01, 1, 0, 0, 0.9, 1e-2, 0.9, 0), 3),
            new Update(new UpdateSpec(Rule.ADADELTA, 1, 1, 0.1, 0, 0.9, 1e-6, 0, 0), 2),
            new Update(new UpdateSpec(Rule.ADAGRAD, 0.01, 1, 0.1, 0, 0, 1e-10, 0, 0), 1),
            new Update(new UpdateSpec(Rule.LION, 1e-3, 0.99, 0, 0.9, 0.99, 0, 0, 0), 1))
        .flatMap(u -> Stream.of(update(u, 0, LENGTH), update(u, 7, 1001), update(u, 33, 1)));
  }

  private record Update(UpdateSpec spec, int arrays) {}

  private static OpCase update(Update update, long first, long count) {
    return new OpCase(
        "update " + range(first, count) + update,
        TOLERANCE,
        t -> {
          Buffer values = t.observe("values", t.dense(FLAT), FLAT, DENSE);
          Buffer gradients = t.dense(FLAT);
          Buffer[] state = new Buffer[3];
          boolean centered = update.spec.rule() == Rule.RMSPROP;
          for (int i = 0; i < update.arrays; i++) {
            // RMSprop's mean, small enough that its square lies below the mean square; its
            // velocity.
            float[] initial =
                centered && i == 1
                    ? t.random().uniform(LENGTH, -0.1f, 0.1f)
                    : t.random().uniform(LENGTH, 0.1f, 1);
            String name = "state " + i;
            state[i] = t.observe(name, t.dense(FLAT, initial), FLAT, DENSE);
          }
          t.backend()
              .optimizers()
              .update(update.spec, values, gradients, state[0], state[1], state[2], first, count);
        });
  }

  private static Stream<OpCase> ofGradients() {
    return Stream.of(
        new OpCase(
            "addL1 " + range(7, 1001),
            TOLERANCE,
            t -> {
              Buffer gradients = t.observe("gradients", t.dense(FLAT), FLAT, DENSE);
              t.backend().optimizers().addL1(0.3f, t.dense(FLAT), gradients, 7, 1001);
            }),
        new OpCase(
            "clamp " + range(7, 1001),
            TOLERANCE,
            t -> {
              Buffer gradients = t.observe("gradients", t.dense(FLAT), FLAT, DENSE);
              t.backend().optimizers().clamp(0.5f, gradients, 7, 1001);
            }));
  }

  private static Stream<OpCase> sgdAndAdam() {
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
