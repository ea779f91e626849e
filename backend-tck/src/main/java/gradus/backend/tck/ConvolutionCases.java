package gradus.backend.tck;

import static gradus.tensor.Placement.BATCH;
import static gradus.tensor.Placement.DENSE;

import gradus.backend.Buffer;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.LinearSpec;
import gradus.tensor.Precision;
import gradus.tensor.Shape;
import java.util.stream.Stream;

/** Convolutions and fully connected layers, forward and both gradients. */
final class ConvolutionCases {
  private ConvolutionCases() {}

  static Stream<OpCase> all() {
    return Stream.of(
            Shapes.convolutions().stream().flatMap(ConvolutionCases::convolution),
            Shapes.linears().stream().flatMap(ConvolutionCases::linear),
            Stream.of(16, 3).map(ConvolutionCases::specialValues))
        .flatMap(cases -> cases);
  }

  private static Stream<OpCase> convolution(Conv2dSpec spec) {
    Stream<OpCase> forward =
        Stream.of(true, false)
            .map(
                biased ->
                    new OpCase(
                        "conv2d " + (biased ? "" : "without bias ") + spec,
                        productsPerOutput(spec),
                        t -> {
                          Buffer x = input(t, spec, biased);
                          Buffer w = t.dense(spec.weightShape());
                          Buffer b = biased ? t.dense(Shape.of(spec.k())) : null;
                          Buffer y = t.result("y", spec.outputShape(), BATCH);
                          t.backend().nn().conv2d(spec, x, w, b, y);
                        }));
    Stream<OpCase> backward =
        Stream.of(0f, 1f)
            .flatMap(beta -> Stream.of(backwardData(spec, beta), backwardWeights(spec, beta)));
    return Stream.concat(forward, backward);
  }

  private static OpCase backwardData(Conv2dSpec spec, float beta) {
    return new OpCase(
        "conv2dBackwardData beta " + beta + " " + spec,
        productsPerInput(spec),
        t -> {
          Buffer w = t.dense(spec.weightShape());
          Buffer dy = t.gradients(spec.outputShape());
          Buffer dx = t.result("dx", spec.inputShape(), BATCH, beta);
          t.backend().nn().conv2dBackwardData(spec, w, dy, dx, beta);
        });
  }

  private static OpCase backwardWeights(Conv2dSpec spec, float beta) {
    return new OpCase(
        "conv2dBackwardWeights beta " + beta + " " + spec,
        productsPerWeight(spec),
        t -> {
          Buffer x = input(t, spec, beta == 0);
          Buffer dy = t.gradients(spec.outputShape());
          Buffer dw = t.result("dw", spec.weightShape(), DENSE, beta);
          Buffer db = t.result("db", Shape.of(spec.k()), DENSE, beta);
          t.backend().nn().conv2dBackwardWeights(spec, x, dy, dw, db, beta);
          Buffer alone = t.result("dw without db", spec.weightShape(), DENSE, beta);
          t.backend().nn().conv2dBackwardWeights(spec, x, dy, alone, null, beta);
        });
  }

  /**
   * Convolutions that a backend may compute by Winograd's algorithm, held to the plain sum's bound.
   */
  static Stream<OpCase> strict() {
    return Shapes.convolutions().stream()
        .filter(ConvolutionCases::allowsFewerProducts)
        .flatMap(ConvolutionCases::convolution)
        .map(
            fast ->
                new OpCase(
                    "strict " + fast.name(),
                    fast.tolerance().floor(Float.MIN_NORMAL),
                    fast.body()));
  }

  /** Convolutions whose factors may be rounded, of an input that already is. */
  static Stream<OpCase> ofMixed(Precision precision) {
    return Shapes.convolutions().stream()
        .map(spec -> spec.withFactors(precision))
        .flatMap(
            spec ->
                Stream.of(
                        convolution(spec),
                        Stream.of(toPacked(spec)),
                        Stream.of(0f, 1f)
                            .flatMap(
                                beta ->
                                    Stream.of(
                                        packedGradient(spec, true, beta),
                                        packedGradient(spec, false, beta))),
                        Stream.of(gradientsOfPacked(spec)))
                    .flatMap(cases -> cases));
  }

  /** Convolutions and linear layers whose factors may be rounded to TensorFloat-32. */
  static Stream<OpCase> ofTensorFloat32() {
    return Stream.concat(
        Shapes.convolutions().stream()
            .flatMap(spec -> convolution(spec.withFactors(Precision.TF32))),
        Shapes.linears().stream().flatMap(spec -> linear(spec.withFactors(Precision.TF32))));
  }

  /** The gradient of the input is rounded where it is written; that of the output may be, too. */
  private static OpCase packedGradient(Conv2dSpec spec, boolean fromFloats, float beta) {
    return new OpCase(
        "conv2dBackwardData %s to packed, beta %s %s"
            .formatted(fromFloats ? "of float32" : "of packed", beta, spec),
        productsPerInput(spec).packed(),
        t -> {
          Buffer w = t.dense(spec.weightShape());
          Buffer dy = t.gradients(spec.outputShape());
          Buffer from = fromFloats ? dy : t.packed(dy, spec.outputShape(), BATCH);
          Buffer dx = t.packedResult("dx", spec.inputShape(), BATCH, beta);
          t.backend().nn().conv2dBackwardData(spec, w, from, dx, beta);
        });
  }

  /** Those of the weights and the bias, beside that of the input, of a packed gradient. */
  private static OpCase gradientsOfPacked(Conv2dSpec spec) {
    return new OpCase(
        "conv2dBackward of packed " + spec,
        productsPerWeight(spec),
        t -> {
          Buffer x = input(t, spec, spec.n() % 2 == 0);
          Buffer w = t.dense(spec.weightShape());
          Buffer dy = t.packed(t.gradients(spec.outputShape()), spec.outputShape(), BATCH);
          Buffer dx = t.packed(spec.inputShape(), BATCH);
          Buffer dw = t.result("dw", spec.weightShape(), DENSE, 1);
          Buffer db = t.result("db", Shape.of(spec.k()), DENSE, 1);
          t.backend().fused().conv2dBackward(spec, x, w, dy, dx, 0, dw, db, 1);
        });
  }

  /** The result is rounded where it is written. */
  private static OpCase toPacked(Conv2dSpec spec) {
    return new OpCase(
        "conv2d to packed " + spec,
        productsPerOutput(spec).packed(),
        t -> {
          Buffer x = input(t, spec, spec.n() % 2 == 0);
          Buffer w = t.dense(spec.weightShape());
          Buffer b = t.dense(Shape.of(spec.k()));
          Shape shape = spec.outputShape();
          Buffer y = t.observe("y", t.packed(shape, BATCH), shape, BATCH);
          t.backend().nn().conv2d(spec, x, w, b, y);
        });
  }

  /** Where it is rounded, it may lie packed. */
  private static Buffer input(Trial t, Conv2dSpec spec, boolean mayBePacked) {
    Buffer values = t.activations(spec.inputShape());
    if (!spec.factors().isMixed()) {
      return values;
    }
    Buffer packed = t.packed(spec.inputShape(), BATCH);
    t.backend().math().round(values, mayBePacked ? null : values, packed);
    return mayBePacked ? packed : values;
  }

  private static boolean allowsFewerProducts(Conv2dSpec s) {
    return s.r() == 3
        && s.s() == 3
        && s.strideH() == 1
        && s.strideW() == 1
        && s.dilationH() == 1
        && s.dilationW() == 1
        && s.groups() == 1
        && s.c() >= 16
        && s.k() >= 16;
  }

  /**
   * Winograd's algorithm rounds on the scale of a tile of outputs, so that an output near a border,
   * made of few products, is as exact as one made of all, and the gradient of a weight that a
   * single tile is behind no more so than if there were two.
   */
  private static Tolerance sum(Conv2dSpec spec, long terms) {
    double meanProduct = 0.25; // of the absolute values of two numbers from -1 to 1
    int twoTiles = 72; // positions, each of which sums up to 36 inputs
    Tolerance direct =
        spec.factors().isMixed() ? roundedFactors(spec, terms) : products(spec.factors(), terms);
    return allowsFewerProducts(spec)
        ? direct.floor(meanProduct * Math.max(terms, twoTiles))
        : direct;
  }

  /** Two factors of TensorFloat-32, cut off rather than rounded, lack up to 2^-10 each. */
  private static Tolerance products(Precision factors, long terms) {
    return factors == Precision.TF32 ? Tolerance.ofMagnitude(0x1p-9) : Tolerance.sum(terms);
  }

  /**
   * Two factors rounded by up to 2^-8 each make the sum wrong by up to 2^-7 of its magnitude. What
   * Winograd's algorithm makes of them is rounded instead, and its outputs are differences of much
   * larger numbers: errors are 1.7 % of an output in the root mean square, and random, so that they
   * grow with the root of the number of terms. All of float16's are an eighth of that.
   */
  private static Tolerance roundedFactors(Conv2dSpec spec, long terms) {
    double finer = spec.factors() == Precision.FP16 ? 0x1p-3 : 1;
    return Tolerance.ofMagnitude(
        finer * (allowsFewerProducts(spec) ? 0.3 / Math.sqrt((double) terms) : 0x1p-7));
  }

  static Tolerance productsPerOutput(Conv2dSpec spec) {
    return sum(spec, (long) spec.c() / spec.groups() * spec.r() * spec.s() + 1);
  }

  static Tolerance productsPerInput(Conv2dSpec spec) {
    return sum(spec, (long) spec.k() / spec.groups() * spec.r() * spec.s() + 1);
  }

  static Tolerance productsPerWeight(Conv2dSpec spec) {
    return sum(spec, (long) spec.n() * spec.outH() * spec.outW() + 1);
  }

  /** What is not finite reaches the outputs whose windows hold it, and no others. */
  private static OpCase specialValues(int n) {
    Conv2dSpec spec = Conv2dSpec.of(n, 2, 7, 7, 3, 3, 1, 1);
    return new OpCase(
        "conv2d of special values " + spec,
        productsPerOutput(spec),
        t -> {
          float[] values = t.random().uniform(spec.inputShape().size());
          values[3] = Float.NaN;
          values[70] = Float.POSITIVE_INFINITY;
          values[values.length - 30] = Float.NEGATIVE_INFINITY;
          Buffer x = t.activations(spec.inputShape(), values);
          Buffer w = t.dense(spec.weightShape());
          t.backend().nn().conv2d(spec, x, w, null, t.result("y", spec.outputShape(), BATCH));
        });
  }

  private static Stream<OpCase> linear(LinearSpec spec) {
    return Stream.concat(
        Stream.of(true, false)
            .map(
                biased ->
                    new OpCase(
                        "linear " + (biased ? "" : "without bias ") + spec,
                        products(spec.factors(), spec.in() + 1),
                        t -> {
                          Buffer x = t.activations(spec.inputShape());
                          Buffer w = t.dense(spec.weightShape());
                          Buffer b = biased ? t.dense(Shape.of(spec.out())) : null;
                          Buffer y = t.result("y", spec.outputShape(), BATCH);
                          t.backend().nn().linear(spec, x, w, b, y);
                        })),
        Stream.of(0f, 1f)
            .flatMap(
                beta ->
                    Stream.of(linearBackwardData(spec, beta), linearBackwardWeights(spec, beta))));
  }

  private static OpCase linearBackwardData(LinearSpec spec, float beta) {
    return new OpCase(
        "linearBackwardData beta " + beta + " " + spec,
        products(spec.factors(), spec.out() + 1),
        t -> {
          Buffer w = t.dense(spec.weightShape());
          Buffer dy = t.gradients(spec.outputShape());
          Buffer dx = t.result("dx", spec.inputShape(), BATCH, beta);
          t.backend().nn().linearBackwardData(spec, w, dy, dx, beta);
        });
  }

  private static OpCase linearBackwardWeights(LinearSpec spec, float beta) {
    return new OpCase(
        "linearBackwardWeights beta " + beta + " " + spec,
        products(spec.factors(), spec.n() + 1),
        t -> {
          Buffer x = t.activations(spec.inputShape());
          Buffer dy = t.gradients(spec.outputShape());
          Buffer dw = t.result("dw", spec.weightShape(), DENSE, beta);
          Buffer db = t.result("db", Shape.of(spec.out()), DENSE, beta);
          t.backend().nn().linearBackwardWeights(spec, x, dy, dw, db, beta);
          Buffer alone = t.result("dw without db", spec.weightShape(), DENSE, beta);
          t.backend().nn().linearBackwardWeights(spec, x, dy, alone, null, beta);
        });
  }
}
