package gradus.backend.tck;

import static gradus.tensor.Placement.BATCH;
import static gradus.tensor.Placement.DENSE;

import gradus.backend.Buffer;
import gradus.backend.spec.Activation;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.util.List;
import java.util.stream.Stream;

/** Elementwise arithmetic and reductions. */
final class MathOpsCases {
  /** Each rounds once or twice. */
  private static final Tolerance ARITHMETIC = Tolerance.sum(1);

  /** Approximations of exp, tanh and erf to a few units of the last place. */
  private static final Tolerance TRANSCENDENTAL = Tolerance.roundings(8);

  private static final float[] SPECIAL = {
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    0,
    -0f,
    1,
    -1,
    88,
    -88,
    1e30f,
    -1e30f,
    1e-30f,
    20,
    -20,
    6,
    -6,
    0.5f
  };

  private MathOpsCases() {}

  static Stream<OpCase> all() {
    return Stream.of(
            Shapes.batches().stream().flatMap(shape -> arithmetic(shape, BATCH)),
            Shapes.denses().stream().flatMap(shape -> arithmetic(shape, DENSE)),
            reshapes(),
            rounding(),
            Stream.of(bfloat16OfSpecialValues()),
            activations().stream().flatMap(MathOpsCases::activation),
            Stream.of(1, 7, 33, 1000, 100_003).flatMap(MathOpsCases::sumOfSquares),
            Shapes.batches().stream().map(shape -> statistics(shape, BATCH)),
            Shapes.denses().stream().map(shape -> statistics(shape, DENSE)),
            Stream.of(statisticsOfSpecialValues(BATCH), statisticsOfSpecialValues(DENSE)))
        .flatMap(cases -> cases);
  }

  private static Stream<OpCase> reshapes() {
    Shape flat = Shape.of(17, 105);
    return Stream.of(
            List.of(Shape.of(17, 5, 3, 7), flat),
            List.of(flat, Shape.of(17, 5, 3, 7)),
            List.of(Shape.of(17, 5, 21), Shape.of(17, 5, 3, 7)),
            List.of(Shape.of(16, 6, 4, 4), Shape.of(16, 3, 8, 4)),
            List.of(Shape.of(1, 1, 13, 13), Shape.of(1, 169)),
            List.of(Shape.of(33, 31, 1, 1), Shape.of(33, 31)))
        .flatMap(pair -> Stream.of(0f, 1f).map(beta -> reshape(pair.get(0), pair.get(1), beta)));
  }

  private static OpCase reshape(Shape from, Shape to, float beta) {
    return new OpCase(
        "reshape " + from + " to " + to + " beta " + beta,
        ARITHMETIC,
        t -> {
          Buffer x = t.gradients(from);
          Buffer y = t.result("y", to, BATCH, beta);
          if (definesReshape(t, from, to)) {
            t.backend().math().reshape(x, from, y, to, beta);
          } else {
            t.backend().fused().accumulate(x, y, beta);
          }
        });
  }

  /** The reference defines it for all shapes, others need it for those that do not lie alike. */
  static boolean definesReshape(Trial t, Shape from, Shape to) {
    return t.backend().name().equals("reference") || !t.backend().memory().lieAlike(from, to);
  }

  private static Stream<OpCase> arithmetic(Shape shape, Placement placement) {
    String on = " " + placement + " " + shape;
    return Stream.of(
        new OpCase(
            "fill" + on,
            Tolerance.EXACT,
            t -> t.backend().math().fill(t.result("y", shape, placement), 1.25f)),
        new OpCase(
            "copy" + on,
            Tolerance.EXACT,
            t ->
                t.backend().math().copy(any(t, shape, placement), t.result("y", shape, placement))),
        new OpCase(
            "add" + on,
            ARITHMETIC,
            t -> {
              Buffer a = any(t, shape, placement);
              Buffer b = any(t, shape, placement);
              t.backend().math().add(a, b, t.result("y", shape, placement));
              t.backend().math().add(a, b, t.observe("a in place", a, shape, placement));
            }),
        new OpCase(
            "add in place of the second" + on,
            ARITHMETIC,
            t -> {
              Buffer a = any(t, shape, placement);
              Buffer b = any(t, shape, placement);
              t.backend().math().add(a, b, t.observe("b", b, shape, placement));
            }),
        new OpCase(
            "multiply" + on,
            ARITHMETIC,
            t -> {
              Buffer a = any(t, shape, placement);
              Buffer b = any(t, shape, placement);
              t.backend().math().multiply(a, b, t.result("y", shape, placement));
              t.backend().math().multiply(a, b, t.observe("b in place", b, shape, placement));
            }),
        new OpCase(
            "multiply by itself in place" + on,
            ARITHMETIC,
            t -> {
              Buffer a = any(t, shape, placement);
              t.backend().math().multiply(a, a, t.observe("a", a, shape, placement));
            }),
        new OpCase(
            "addScaled" + on,
            ARITHMETIC,
            t ->
                t.backend()
                    .math()
                    .addScaled(0.3f, any(t, shape, placement), t.result("y", shape, placement, 1))),
        new OpCase(
            "scale" + on,
            ARITHMETIC,
            t -> t.backend().math().scale(-1.7f, t.result("y", shape, placement, 1))),
        new OpCase(
            "scaleBy" + on,
            ARITHMETIC,
            t ->
                t.backend()
                    .math()
                    .scaleBy(t.dense(Shape.SCALAR, 0.37f), t.result("y", shape, placement, 1))));
  }

  /** Rounding, and back, of values that float16 finds special. */
  static Stream<OpCase> roundingToFloat16() {
    return Stream.concat(rounding(), Stream.of(float16OfSpecialValues()));
  }

  private static Stream<OpCase> rounding() {
    return Stream.concat(
        Shapes.batches().stream().flatMap(shape -> packing(shape, BATCH)),
        Shapes.denses().stream().flatMap(shape -> packing(shape, DENSE)));
  }

  private static Stream<OpCase> packing(Shape shape, Placement placement) {
    return Stream.of(round(shape, placement), expand(shape, placement));
  }

  private static OpCase round(Shape shape, Placement placement) {
    return new OpCase(
        "round " + placement + " " + shape,
        Tolerance.EXACT,
        t -> {
          Buffer x = any(t, shape, placement);
          Buffer alone = t.observe("alone", t.packed(shape, placement), shape, placement);
          t.backend().math().round(x, null, alone);
          Buffer packed = t.observe("packed", t.packed(shape, placement), shape, placement);
          t.backend().math().round(x, t.observe("in place", x, shape, placement), packed);
        });
  }

  private static OpCase expand(Shape shape, Placement placement) {
    return new OpCase(
        "expand " + placement + " " + shape,
        Tolerance.EXACT,
        t -> {
          Buffer x = any(t, shape, placement);
          Buffer packed = t.packed(shape, placement);
          t.backend().math().round(x, x, packed);
          t.backend().math().expand(packed, t.result("y", shape, placement));
        });
  }

  private static OpCase bfloat16OfSpecialValues() {
    float ulp = 0x1p-7f; // of bfloat16 at 1
    float[] values = {
      Float.NaN,
      Float.intBitsToFloat(0x7F800001), // a NaN whose upper half is that of infinity
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.MAX_VALUE, // rounds to infinity
      -Float.MAX_VALUE,
      Float.MIN_VALUE, // rounds to 0
      0x1p-130f, // denormal
      -0f,
      1 + ulp / 2, // a tie: down to the even one
      1 + ulp * 1.5f, // a tie: up to the even one
      1 + ulp * 0.51f,
      -1 - ulp * 1.49f
    };
    return ofSpecialValues(values);
  }

  private static OpCase float16OfSpecialValues() {
    float ulp = 0x1p-10f; // at 1
    float least = 0x1p-24f;
    float[] values = {
      Float.NaN,
      Float.intBitsToFloat(0x7F800001), // a NaN whose upper bits are those of infinity
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      65504, // the largest
      -65519.996f, // rounds to the largest
      65520, // a tie, and the even one would be 65536: infinity
      -Float.MAX_VALUE,
      Float.MIN_VALUE, // rounds to 0
      least / 2, // a tie: down to 0
      -least * 0.51f,
      least * 1.5f, // a tie: up to the even one
      0x1p-14f - least / 2, // rounds up to the least normal one
      0x1.aap-15f, // denormal
      -0f,
      1 + ulp / 2, // a tie: down to the even one
      1 + ulp * 1.5f, // a tie: up to the even one
      2 - ulp * 0.49f, // rounds up to the next power of two
      -1 - ulp * 1.49f
    };
    return ofSpecialValues(values);
  }

  private static OpCase ofSpecialValues(float... values) {
    Shape shape = Shape.of(values.length);
    return new OpCase(
        "round of special values",
        Tolerance.EXACT,
        t -> {
          Buffer packed = t.observe("packed", t.packed(shape, DENSE), shape, DENSE);
          Buffer x = t.dense(shape, values);
          t.backend().math().round(x, t.result("y", shape, DENSE), packed);
        });
  }

  static List<Activation> activations() {
    return List.of(
        Activation.RELU,
        new Activation(Activation.Kind.LEAKY_RELU, 0.01f),
        new Activation(Activation.Kind.LEAKY_RELU, 0.2f),
        new Activation(Activation.Kind.ELU, 1),
        new Activation(Activation.Kind.ELU, 0.5f),
        new Activation(Activation.Kind.SILU, 0),
        new Activation(Activation.Kind.GELU, 0),
        new Activation(Activation.Kind.SIGMOID, 0),
        new Activation(Activation.Kind.TANH, 0),
        new Activation(Activation.Kind.RELU6, 0),
        new Activation(Activation.Kind.EXP, 0),
        new Activation(Activation.Kind.SELU, 0),
        new Activation(Activation.Kind.SOFTPLUS, 0),
        new Activation(Activation.Kind.MISH, 0),
        new Activation(Activation.Kind.HARDSIGMOID, 0),
        new Activation(Activation.Kind.HARDSWISH, 0));
  }

  private static Stream<OpCase> activation(Activation f) {
    Shape shape = Shape.of(17, 7, 13);
    String name = f.kind() + "(" + f.alpha() + ")";
    return Stream.of(
        new OpCase(
            "activation " + name,
            TRANSCENDENTAL,
            t -> {
              Buffer x = t.activations(shape, t.random().uniform(shape.size(), -8, 8));
              t.backend().math().activation(f, x, t.result("y", shape, BATCH));
              t.backend().math().activation(f, x, t.observe("in place", x, shape, BATCH));
            }),
        new OpCase(
            "activation " + name + " dense",
            TRANSCENDENTAL,
            t -> {
              Buffer x = t.dense(Shape.of(31));
              t.backend().math().activation(f, x, t.result("y", Shape.of(31), DENSE));
            }),
        new OpCase(
            "activation " + name + " of special values",
            TRANSCENDENTAL,
            t -> {
              Shape specials = Shape.of(SPECIAL.length);
              Buffer x = t.gradients(specials, finiteWhereUndefined(f));
              t.backend().math().activation(f, x, t.result("y", specials, BATCH));
            }),
        activationBackward(name, f, shape, 0),
        activationBackward(name, f, shape, 1),
        new OpCase(
            "activationBackward " + name + " in place of dy",
            TRANSCENDENTAL,
            t -> {
              Buffer x = t.activations(shape, t.random().uniform(shape.size(), -8, 8));
              Buffer y = t.scratch(shape, DType.F32, BATCH);
              t.backend().math().activation(f, x, y);
              Buffer dy = t.gradients(shape);
              t.backend()
                  .math()
                  .activationBackward(f, x, y, dy, t.observe("dx", dy, shape, BATCH), 0);
            }));
  }

  /** x sigmoid(x) and its like are 0 times infinity at minus infinity: nobody relies on it. */
  private static float[] finiteWhereUndefined(Activation f) {
    float[] values = SPECIAL.clone();
    switch (f.kind()) {
      case SILU, GELU, MISH -> values[2] = -1e30f;
      default -> {}
    }
    return values;
  }

  private static OpCase activationBackward(String name, Activation f, Shape shape, float beta) {
    return new OpCase(
        "activationBackward " + name + " beta " + beta,
        TRANSCENDENTAL,
        t -> {
          Buffer x = t.activations(shape, t.random().uniform(shape.size(), -8, 8));
          Buffer y = t.scratch(shape, DType.F32, BATCH);
          t.backend().math().activation(f, x, y);
          Buffer dx = t.result("dx", shape, BATCH, beta);
          t.backend().math().activationBackward(f, x, y, t.gradients(shape), dx, beta);
        });
  }

  private static Stream<OpCase> sumOfSquares(int length) {
    return Stream.of(0, length / 3)
        .distinct()
        .map(
            first ->
                new OpCase(
                    "sumOfSquares of " + length + " from " + first,
                    Tolerance.sum(length),
                    t ->
                        t.backend()
                            .math()
                            .sumOfSquares(
                                t.dense(Shape.of(length)),
                                first,
                                length - first,
                                t.result("sum", Shape.SCALAR, DENSE))));
  }

  private static OpCase statistics(Shape shape, Placement placement) {
    return new OpCase(
        "statistics " + placement + " " + shape,
        Tolerance.sum(shape.size()),
        t -> {
          Buffer x = any(t, shape, placement);
          t.backend().math().statistics(x, shape, placement, t.result("out", Shape.of(6), DENSE));
        });
  }

  private static OpCase statisticsOfSpecialValues(Placement placement) {
    Shape shape = Shape.of(17, 3);
    return new OpCase(
        "statistics of special values " + placement,
        Tolerance.sum(shape.size()),
        t -> {
          float[] values = t.random().uniform(shape.size());
          values[0] = Float.NaN;
          values[7] = Float.POSITIVE_INFINITY;
          values[50] = Float.NEGATIVE_INFINITY;
          values[11] = 0;
          values[12] = -0f;
          Buffer x = placement == BATCH ? t.activations(shape, values) : t.dense(shape, values);
          t.backend().math().statistics(x, shape, placement, t.result("out", Shape.of(6), DENSE));
        });
  }

  private static Buffer any(Trial t, Shape shape, Placement placement) {
    return placement == BATCH ? t.activations(shape) : t.dense(shape);
  }
}
