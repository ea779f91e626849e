package gradus.backend.tck;

import static gradus.tensor.Placement.BATCH;

import gradus.backend.Buffer;
import gradus.backend.spec.Activation;
import gradus.backend.spec.PoolSpec;
import gradus.tensor.Shape;
import java.util.stream.Stream;

/** Ops element by element, and pooling, of maps and gradients that lie packed. */
final class PackedCases {
  private static final Tolerance TRANSCENDENTAL = Tolerance.roundings(8).packed();

  private PackedCases() {}

  static Stream<OpCase> all() {
    return Stream.of(
            Stream.of(reshape(true), reshape(false)),
            MathOpsCases.activations().stream().flatMap(PackedCases::activation),
            Shapes.pools().stream().flatMap(PackedCases::maximum))
        .flatMap(cases -> cases);
  }

  private static OpCase reshape(boolean wide) {
    Shape from = Shape.of(17, 7, 3, 5);
    Shape to = Shape.of(17, 105);
    return new OpCase(
        "reshape of " + (wide ? "packed to float32 " : "packed ") + from + " to " + to,
        Tolerance.sum(1).packed(),
        t -> {
          Buffer x = t.packed(t.gradients(from), from, BATCH);
          Buffer y = wide ? t.result("y", to, BATCH) : t.packedResult("y", to, BATCH, 0);
          if (MathOpsCases.definesReshape(t, from, to)) {
            t.backend().math().reshape(x, from, y, to, 0);
          } else if (wide) {
            t.backend().math().expand(x, y);
          } else {
            t.backend().math().copy(x, y);
          }
        });
  }

  private static Stream<OpCase> activation(Activation f) {
    Shape shape = Shape.of(17, 7, 13);
    String name = f.kind() + "(" + f.alpha() + ") packed";
    return Stream.concat(
        Stream.of(
            new OpCase(
                "activation " + name,
                TRANSCENDENTAL,
                t -> {
                  Buffer x = input(t, shape);
                  t.backend().math().activation(f, x, t.packedResult("y", shape, BATCH, 0));
                  t.backend().math().activation(f, x, t.observe("in place", x, shape, BATCH));
                }),
            new OpCase(
                "activationBackward " + name + " in place of dy",
                TRANSCENDENTAL,
                t -> {
                  Buffer x = input(t, shape);
                  Buffer dy = t.packed(t.gradients(shape), shape, BATCH);
                  t.observe("dx", dy, shape, BATCH);
                  t.backend().math().activationBackward(f, x, output(t, f, x, shape), dy, dy, 0);
                })),
        Stream.of(0f, 1f)
            .flatMap(
                beta ->
                    Stream.of(
                        backward(name, f, shape, true, beta),
                        backward(name, f, shape, false, beta),
                        backwardInFloats(name, f, shape, beta))));
  }

  private static OpCase backward(String name, Activation f, Shape shape, boolean wide, float beta) {
    return new OpCase(
        "activationBackward of " + (wide ? "float32 " : "packed ") + name + " beta " + beta,
        TRANSCENDENTAL,
        t -> {
          Buffer x = input(t, shape);
          Buffer values = t.gradients(shape);
          Buffer dy = wide ? values : t.packed(values, shape, BATCH);
          Buffer dx = t.packedResult("dx", shape, BATCH, beta);
          t.backend().math().activationBackward(f, x, output(t, f, x, shape), dy, dx, beta);
        });
  }

  private static OpCase backwardInFloats(String name, Activation f, Shape shape, float beta) {
    return new OpCase(
        "activationBackward of " + name + " in float32, beta " + beta,
        TRANSCENDENTAL,
        t -> {
          Buffer x = input(t, shape);
          Buffer dx = t.result("dx", shape, BATCH, beta);
          Buffer y = output(t, f, x, shape);
          t.backend().math().activationBackward(f, x, y, t.gradients(shape), dx, beta);
        });
  }

  private static Buffer input(Trial t, Shape shape) {
    Buffer values = t.activations(shape, t.random().uniform(shape.size(), -8, 8));
    return t.packed(values, shape, BATCH);
  }

  private static Buffer output(Trial t, Activation f, Buffer x, Shape shape) {
    Buffer y = t.packed(shape, BATCH);
    t.backend().math().activation(f, x, y);
    return y;
  }

  private static Stream<OpCase> maximum(PoolSpec spec) {
    return Stream.concat(
        Stream.of(
            new OpCase(
                "maxPool packed " + spec,
                Tolerance.EXACT,
                t -> {
                  t.random().useQuarters(); // ties
                  Buffer x = t.packed(t.activations(spec.inputShape()), spec.inputShape(), BATCH);
                  Shape out = spec.outputShape();
                  Buffer y = t.packedResult("y", out, BATCH, 0);
                  t.backend().nn().maxPool(spec, x, y, t.indices("index", out));
                  Buffer alone = t.packedResult("y without index", out, BATCH, 0);
                  t.backend().nn().maxPool(spec, x, alone, null);
                })),
        Stream.of(true, false)
            .flatMap(
                from ->
                    Stream.of(true, false)
                        .flatMap(
                            to ->
                                Stream.of(
                                    maximumBackward(spec, from, to, 0),
                                    maximumBackward(spec, from, to, 1)))));
  }

  private static OpCase maximumBackward(
      PoolSpec spec, boolean fromPacked, boolean rounds, float beta) {
    Tolerance sums = Tolerance.cancellingSum((long) spec.kernelH() * spec.kernelW());
    return new OpCase(
        "maxPoolBackward from %s to %s beta %s %s"
            .formatted(type(fromPacked), type(rounds), beta, spec),
        rounds ? sums.packed() : sums,
        t -> {
          Shape in = spec.inputShape();
          Shape out = spec.outputShape();
          Buffer index = t.indices("index", out);
          Buffer x = t.packed(t.activations(in), in, BATCH);
          t.backend().nn().maxPool(spec, x, t.packed(out, BATCH), index);
          Buffer values = t.gradients(out);
          Buffer dy = fromPacked ? t.packed(values, out, BATCH) : values;
          Buffer dx =
              rounds ? t.packedResult("dx", in, BATCH, beta) : t.result("dx", in, BATCH, beta);
          t.backend().nn().maxPoolBackward(spec, dy, index, dx, beta);
        });
  }

  private static String type(boolean packed) {
    return packed ? "packed" : "float32";
  }
}
