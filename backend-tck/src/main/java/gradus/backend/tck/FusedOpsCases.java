package gradus.backend.tck;

import static gradus.tensor.Placement.BATCH;
import static gradus.tensor.Placement.DENSE;

import gradus.backend.Buffer;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.tensor.DType;
import gradus.tensor.Shape;
import java.util.List;
import java.util.stream.Stream;

/** Ops made of others, against their definitions. */
final class FusedOpsCases {
  private FusedOpsCases() {}

  /** Which gradients a backward call is asked for. */
  private enum Wanted {
    ALL,
    NO_DX,
    NO_DB,
    ONLY_DX;

    Buffer dx(Trial t, Shape shape, float beta) {
      return this == NO_DX ? null : t.result("dx", shape, BATCH, beta);
    }

    Buffer dw(Trial t, Shape shape, float beta) {
      return this == ONLY_DX ? null : t.result("dw", shape, DENSE, beta);
    }

    Buffer db(Trial t, int channels, float beta) {
      return this == ONLY_DX || this == NO_DB
          ? null
          : t.result("db", Shape.of(channels), DENSE, beta);
    }
  }

  private record ConvAndPool(Conv2dSpec conv, PoolSpec pool) {
    static ConvAndPool of(Conv2dSpec conv, int kernel, int stride, int pad) {
      return new ConvAndPool(
          conv,
          new PoolSpec(
              conv.n(),
              conv.k(),
              conv.outH(),
              conv.outW(),
              kernel,
              kernel,
              stride,
              stride,
              pad,
              pad,
              false));
    }
  }

  private static final List<ConvAndPool> CONVS_AND_POOLS =
      List.of(
          ConvAndPool.of(Conv2dSpec.of(1, 1, 7, 7, 3, 3, 1, 1), 2, 2, 0),
          ConvAndPool.of(Conv2dSpec.of(15, 3, 13, 13, 5, 3, 1, 1), 2, 2, 0),
          ConvAndPool.of(Conv2dSpec.of(16, 3, 8, 8, 16, 3, 1, 1), 2, 2, 0),
          ConvAndPool.of(Conv2dSpec.of(17, 6, 14, 14, 16, 5, 1, 0), 2, 2, 0),
          ConvAndPool.of(Conv2dSpec.of(33, 2, 13, 7, 7, 3, 1, 1), 3, 2, 1),
          ConvAndPool.of(Conv2dSpec.of(16, 3, 13, 13, 5, 3, 2, 1), 2, 2, 0),
          ConvAndPool.of(new Conv2dSpec(16, 4, 9, 9, 6, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 2), 2, 1, 0));

  static Stream<OpCase> all() {
    return Stream.of(
            Shapes.convolutions().stream().flatMap(FusedOpsCases::convolution),
            CONVS_AND_POOLS.stream()
                .flatMap(
                    s ->
                        Stream.of(
                            convReluPool(s, Wanted.ALL, 0),
                            convReluPool(s, Wanted.ALL, 1),
                            convReluPool(s, Wanted.NO_DX, 0),
                            convReluPool(s, Wanted.NO_DB, 0),
                            convReluPool(s, Wanted.ONLY_DX, 0),
                            convReluPoolForward(s))),
            // Fast algorithms round, so ties are not ties everywhere: outputs alone are compared.
            Stream.of(
                    ConvAndPool.of(Conv2dSpec.of(17, 16, 13, 13, 17, 3, 1, 1), 2, 2, 0),
                    ConvAndPool.of(Conv2dSpec.of(16, 32, 8, 8, 32, 3, 1, 1), 2, 2, 0))
                .map(FusedOpsCases::convReluPoolForward),
            Shapes.linears().stream().flatMap(FusedOpsCases::linear),
            BatchNormReluCases.all(),
            Shapes.batches().stream().flatMap(FusedOpsCases::addRelu))
        .flatMap(cases -> cases);
  }

  private static Stream<OpCase> convolution(Conv2dSpec spec) {
    return Stream.of(
        new OpCase(
            "conv2dRelu " + spec,
            ConvolutionCases.productsPerOutput(spec),
            t -> {
              Buffer x = t.activations(spec.inputShape());
              Buffer w = t.dense(spec.weightShape());
              Buffer b = t.dense(Shape.of(spec.k()));
              t.backend()
                  .fused()
                  .conv2dRelu(spec, x, w, b, t.result("y", spec.outputShape(), BATCH));
              Buffer plain = t.result("y without bias", spec.outputShape(), BATCH);
              t.backend().fused().conv2dRelu(spec, x, w, null, plain);
            }),
        new OpCase(
            "conv2dAddRelu " + spec,
            ConvolutionCases.productsPerOutput(spec),
            t -> {
              Buffer x = t.activations(spec.inputShape());
              Buffer w = t.dense(spec.weightShape());
              Buffer b = t.dense(Shape.of(spec.k()));
              Buffer residual = t.activations(spec.outputShape());
              t.backend()
                  .fused()
                  .conv2dAddRelu(spec, x, w, b, residual, t.result("y", spec.outputShape(), BATCH));
              Buffer plain = t.result("y without bias and residual", spec.outputShape(), BATCH);
              t.backend().fused().conv2dAddRelu(spec, x, w, null, null, plain);
            }),
        convBackward(spec, false, 0, Wanted.ALL),
        convBackward(spec, false, 1, Wanted.ALL),
        convBackward(spec, false, 0, Wanted.NO_DX),
        convBackward(spec, false, 1, Wanted.NO_DB),
        convBackward(spec, false, 0, Wanted.ONLY_DX),
        convBackward(spec, true, 0, Wanted.ALL),
        convBackward(spec, true, 1, Wanted.ALL),
        convBackward(spec, true, 0, Wanted.NO_DX),
        convBackward(spec, true, 1, Wanted.NO_DB),
        convBackward(spec, true, 0, Wanted.ONLY_DX));
  }

  private static OpCase convBackward(Conv2dSpec spec, boolean relu, float beta, Wanted wanted) {
    return new OpCase(
        (relu ? "conv2dReluBackward" : "conv2dBackward")
            + " "
            + wanted
            + " beta "
            + beta
            + " "
            + spec,
        longerOf(ConvolutionCases.productsPerInput(spec), ConvolutionCases.productsPerWeight(spec)),
        t -> {
          Buffer x = t.activations(spec.inputShape());
          Buffer w = t.dense(spec.weightShape());
          Buffer y = relu ? reluOutput(t, spec.outputShape()) : null;
          Buffer dy = t.gradients(spec.outputShape());
          Buffer dx = wanted.dx(t, spec.inputShape(), beta);
          Buffer dw = wanted.dw(t, spec.weightShape(), beta);
          Buffer db = wanted.db(t, spec.k(), beta);
          if (relu) {
            t.backend().fused().conv2dReluBackward(spec, x, w, y, dy, dx, beta, dw, db, beta);
          } else {
            t.backend().fused().conv2dBackward(spec, x, w, dy, dx, beta, dw, db, beta);
          }
        });
  }

  private static Tolerance longerOf(Tolerance a, Tolerance b) {
    return a.roundings() > b.roundings() ? a : b;
  }

  /** Numbers as a ReLU leaves them: about half of them zero, the first certainly not. */
  static Buffer reluOutput(Trial t, Shape shape) {
    float[] values = t.random().uniform(shape.size());
    values[0] = 0.5f;
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.max(values[i], 0);
    }
    return t.activations(shape, values);
  }

  private static OpCase convReluPoolForward(ConvAndPool s) {
    return new OpCase(
        "conv2dReluMaxPool without index " + s,
        ConvolutionCases.productsPerOutput(s.conv),
        t -> {
          Buffer x = t.activations(s.conv.inputShape());
          Buffer w = t.dense(s.conv.weightShape());
          Buffer b = t.dense(Shape.of(s.conv.k()));
          Buffer y = t.result("y", s.pool.outputShape(), BATCH);
          Buffer workspace =
              t.workspace(t.backend().fused().conv2dReluMaxPoolWorkspaceBytes(s.conv, s.pool));
          t.backend().fused().conv2dReluMaxPool(s.conv, s.pool, x, w, b, y, null, workspace);
        });
  }

  /** In quarters, so that ties are ties everywhere; how the index marks them is not compared. */
  private static OpCase convReluPool(ConvAndPool s, Wanted wanted, float beta) {
    return new OpCase(
        "conv2dReluMaxPoolBackward" + " " + wanted + " beta " + beta + " " + s,
        Tolerance.EXACT,
        t -> {
          t.random().useQuarters();
          Buffer x = t.activations(s.conv.inputShape());
          Buffer w = t.dense(s.conv.weightShape());
          Buffer b = t.dense(Shape.of(s.conv.k()));
          Buffer y = t.result("y", s.pool.outputShape(), BATCH);
          Buffer index = t.scratch(s.pool.outputShape(), DType.U8, BATCH);
          Buffer workspace =
              t.workspace(t.backend().fused().conv2dReluMaxPoolWorkspaceBytes(s.conv, s.pool));
          t.backend().fused().conv2dReluMaxPool(s.conv, s.pool, x, w, b, y, index, workspace);
          Buffer dy = t.gradients(s.pool.outputShape());
          Buffer dx = wanted.dx(t, s.conv.inputShape(), beta);
          Buffer dw = wanted.dw(t, s.conv.weightShape(), beta);
          Buffer db = wanted.db(t, s.conv.k(), beta);
          if (workspace != null) {
            t.backend().math().fill(workspace, Float.NaN); // nothing may be kept in it
          }
          t.backend()
              .fused()
              .conv2dReluMaxPoolBackward(
                  s.conv, s.pool, x, w, y, index, dy, dx, beta, dw, db, beta, workspace);
        });
  }

  private static Stream<OpCase> linear(LinearSpec spec) {
    return Stream.of(
        new OpCase(
            "linearRelu " + spec,
            Tolerance.sum(spec.in() + 1),
            t -> {
              Buffer x = t.activations(spec.inputShape());
              Buffer w = t.dense(spec.weightShape());
              Buffer b = t.dense(Shape.of(spec.out()));
              t.backend()
                  .fused()
                  .linearRelu(spec, x, w, b, t.result("y", spec.outputShape(), BATCH));
              Buffer plain = t.result("y without bias", spec.outputShape(), BATCH);
              t.backend().fused().linearRelu(spec, x, w, null, plain);
            }),
        linearBackward(spec, false, 0, Wanted.ALL),
        linearBackward(spec, false, 1, Wanted.ALL),
        linearBackward(spec, false, 0, Wanted.NO_DX),
        linearBackward(spec, false, 1, Wanted.NO_DB),
        linearBackward(spec, false, 0, Wanted.ONLY_DX),
        linearBackward(spec, true, 0, Wanted.ALL),
        linearBackward(spec, true, 1, Wanted.ALL),
        linearBackward(spec, true, 0, Wanted.NO_DX),
        linearBackward(spec, true, 1, Wanted.NO_DB),
        linearBackward(spec, true, 0, Wanted.ONLY_DX));
  }

  private static OpCase linearBackward(LinearSpec spec, boolean relu, float beta, Wanted wanted) {
    return new OpCase(
        (relu ? "linearReluBackward" : "linearBackward")
            + " "
            + wanted
            + " beta "
            + beta
            + " "
            + spec,
        Tolerance.sum(Math.max(spec.n(), spec.out()) + 1),
        t -> {
          Buffer x = t.activations(spec.inputShape());
          Buffer w = t.dense(spec.weightShape());
          Buffer y = relu ? reluOutput(t, spec.outputShape()) : null;
          Buffer dy = t.gradients(spec.outputShape());
          Buffer dx = wanted.dx(t, spec.inputShape(), beta);
          Buffer dw = wanted.dw(t, spec.weightShape(), beta);
          Buffer db = wanted.db(t, spec.out(), beta);
          if (relu) {
            t.backend().fused().linearReluBackward(spec, x, w, y, dy, dx, beta, dw, db, beta);
          } else {
            t.backend().fused().linearBackward(spec, x, w, dy, dx, beta, dw, db, beta);
          }
        });
  }

  private static Stream<OpCase> addRelu(Shape shape) {
    return Stream.of(
        new OpCase(
            "addRelu " + shape,
            Tolerance.sum(1),
            t -> {
              Buffer a = t.activations(shape);
              Buffer b = t.activations(shape);
              t.backend().fused().addRelu(a, b, t.result("y", shape, BATCH));
              t.backend().fused().addRelu(a, null, t.result("y of one", shape, BATCH));
              t.backend().fused().addRelu(a, b, t.observe("in place", a, shape, BATCH));
            }),
        new OpCase(
            "accumulate beta 0 " + shape,
            Tolerance.sum(1),
            t ->
                t.backend()
                    .fused()
                    .accumulate(t.activations(shape), t.result("y", shape, BATCH), 0)),
        new OpCase(
            "accumulate beta 1 " + shape,
            Tolerance.sum(1),
            t ->
                t.backend()
                    .fused()
                    .accumulate(t.activations(shape), t.result("y", shape, BATCH, 1), 1)));
  }
}
