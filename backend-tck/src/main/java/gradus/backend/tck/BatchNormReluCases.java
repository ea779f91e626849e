package gradus.backend.tck;

import static gradus.tensor.Placement.BATCH;
import static gradus.tensor.Placement.DENSE;

import gradus.backend.Buffer;
import gradus.backend.spec.BatchNormSpec;
import gradus.tensor.DType;
import gradus.tensor.Shape;
import java.util.stream.Stream;

/** Batch normalisation with a residual and ReLU behind it, against its definition. */
final class BatchNormReluCases {
  private BatchNormReluCases() {}

  static Stream<OpCase> all() {
    return Shapes.batchNorms().stream().flatMap(BatchNormReluCases::batchNorm);
  }

  /** Of activations that lie packed. */
  static Stream<OpCase> packed() {
    return Shapes.batchNorms().stream()
        .flatMap(
            spec ->
                Stream.of(true, false)
                    .flatMap(
                        residual ->
                            Stream.concat(
                                Stream.of(
                                    packedTrainingRelu(spec, residual),
                                    packedInferenceRelu(spec, residual),
                                    packedInferenceReluBackward(spec, residual),
                                    packedInferenceReluBackwardInPlace(spec, residual),
                                    packedReluBackward(spec, residual),
                                    packedReluBackwardInPlace(spec, residual)),
                                Stream.of(0f, 1f)
                                    .flatMap(
                                        beta ->
                                            Stream.of(
                                                packedGradients(spec, residual, beta),
                                                packedGradientsOfInference(
                                                    spec, residual, beta))))));
  }

  /** Gradients that are written packed, of one that is in float32 or not. */
  private static OpCase packedGradients(BatchNormSpec spec, boolean residual, float beta) {
    return new OpCase(
        "batchNormReluBackward packed, beta " + beta + " " + on(spec, residual),
        Tolerance.cancellingSum(NormalizationCases.terms(spec)).packed(),
        t -> {
          Buffer dResidual =
              residual ? t.packedResult("dResidual", spec.shape(), BATCH, beta) : null;
          Buffer dx = t.packedResult("dx", spec.shape(), BATCH, beta);
          Buffer dgamma = t.result("dgamma", Shape.of(spec.c()), DENSE);
          Buffer dbeta = t.result("dbeta", Shape.of(spec.c()), DENSE);
          Buffer values = t.gradients(spec.shape());
          Buffer dy = spec.n() % 2 == 0 ? values : t.packed(values, spec.shape(), BATCH);
          NormRelu.of(t, spec, residual)
              .packed()
              .backward(dy, dx, beta, dResidual, beta, dgamma, dbeta, 0);
        });
  }

  /** The first gradient over dy. */
  private static OpCase packedReluBackwardInPlace(BatchNormSpec spec, boolean residual) {
    return new OpCase(
        "batchNormReluBackward in place, packed, " + on(spec, residual),
        Tolerance.cancellingSum(NormalizationCases.terms(spec)).packed(),
        t -> {
          Buffer dy =
              t.observe(
                  "dy",
                  t.packed(t.gradients(spec.shape()), spec.shape(), BATCH),
                  spec.shape(),
                  BATCH);
          Buffer dx = residual ? t.packedResult("dx", spec.shape(), BATCH, 0) : dy;
          Buffer dgamma = t.scratch(Shape.of(spec.c()), DType.F32, DENSE);
          Buffer dbeta = t.scratch(Shape.of(spec.c()), DType.F32, DENSE);
          NormRelu.of(t, spec, residual)
              .packed()
              .backward(dy, dx, 0, residual ? dy : null, 0, dgamma, dbeta, 0);
        });
  }

  private static OpCase packedTrainingRelu(BatchNormSpec spec, boolean withResidual) {
    Shape perChannel = Shape.of(spec.c());
    return new OpCase(
        "batchNormTrainingRelu of packed " + on(spec, withResidual),
        Tolerance.cancellingSum(NormalizationCases.terms(spec)).packed(),
        t -> {
          Buffer x = t.packed(t.activations(spec.shape()), spec.shape(), BATCH);
          Buffer residual =
              withResidual ? t.packed(t.activations(spec.shape()), spec.shape(), BATCH) : null;
          Buffer y = t.observe("y", t.packed(spec.shape(), BATCH), spec.shape(), BATCH);
          t.backend()
              .fused()
              .batchNormTrainingRelu(
                  spec,
                  x,
                  t.dense(perChannel),
                  t.dense(perChannel),
                  t.dense(perChannel),
                  NormalizationCases.positive(t, spec),
                  residual,
                  y,
                  t.result("savedMean", perChannel, DENSE),
                  t.result("savedInvStd", perChannel, DENSE));
        });
  }

  private static OpCase packedReluBackward(BatchNormSpec spec, boolean residual) {
    return new OpCase(
        "batchNormReluBackward of packed " + on(spec, residual),
        Tolerance.normalizedSum(NormalizationCases.terms(spec)),
        t -> {
          Buffer dResidual = residual ? t.result("dResidual", spec.shape(), BATCH) : null;
          Buffer dx = t.result("dx", spec.shape(), BATCH);
          Buffer dgamma = t.scratch(Shape.of(spec.c()), DType.F32, DENSE);
          Buffer dbeta = t.scratch(Shape.of(spec.c()), DType.F32, DENSE);
          Buffer dy = t.gradients(spec.shape());
          NormRelu.of(t, spec, residual)
              .packed()
              .backward(dy, dx, 0, dResidual, 0, dgamma, dbeta, 0);
        });
  }

  private static Stream<OpCase> batchNorm(BatchNormSpec spec) {
    return Stream.concat(
        Stream.of(
            reluBackwardInPlace(spec, true, 1),
            inferenceReluBackwardInPlace(spec, true, 1),
            inferenceReluBackwardOfResidual(spec)),
        Stream.of(true, false)
            .flatMap(
                residual ->
                    Stream.of(
                        trainingRelu(spec, residual),
                        inferenceRelu(spec, residual),
                        inferenceReluBackward(spec, residual, 0),
                        inferenceReluBackward(spec, residual, 1),
                        inferenceReluBackwardInPlace(spec, residual, 0),
                        reluBackwardOfInput(spec, residual, 0),
                        reluBackwardOfInput(spec, residual, 1),
                        reluBackwardInPlace(spec, residual, 0),
                        reluBackwardOfWeights(spec, residual))));
  }

  private static String on(BatchNormSpec spec, boolean residual) {
    return (residual ? "with residual " : "") + spec;
  }

  private static OpCase trainingRelu(BatchNormSpec spec, boolean withResidual) {
    Shape perChannel = Shape.of(spec.c());
    return new OpCase(
        "batchNormTrainingRelu " + on(spec, withResidual),
        Tolerance.normalizedSum(NormalizationCases.terms(spec)),
        t -> {
          Buffer x = t.activations(spec.shape());
          Buffer gamma = t.dense(perChannel);
          Buffer beta = t.dense(perChannel);
          Buffer mean = t.observe("runningMean", t.dense(perChannel), perChannel, DENSE);
          Buffer variance =
              t.observe("runningVar", NormalizationCases.positive(t, spec), perChannel, DENSE);
          Buffer residual = withResidual ? t.activations(spec.shape()) : null;
          Buffer y = t.result("y", spec.shape(), BATCH);
          Buffer savedMean = t.result("savedMean", perChannel, DENSE);
          Buffer savedInvStd = t.result("savedInvStd", perChannel, DENSE);
          t.backend()
              .fused()
              .batchNormTrainingRelu(
                  spec, x, gamma, beta, mean, variance, residual, y, savedMean, savedInvStd);
        });
  }

  private static OpCase inferenceRelu(BatchNormSpec spec, boolean withResidual) {
    Shape perChannel = Shape.of(spec.c());
    return new OpCase(
        "batchNormInferenceRelu " + on(spec, withResidual),
        Tolerance.roundings(16),
        t -> {
          Buffer x = t.activations(spec.shape());
          Buffer gamma = t.dense(perChannel);
          Buffer beta = t.dense(perChannel);
          Buffer mean = t.dense(perChannel);
          Buffer variance = NormalizationCases.positive(t, spec);
          Buffer residual = withResidual ? t.activations(spec.shape()) : null;
          Buffer y = t.result("y", spec.shape(), BATCH);
          t.backend()
              .fused()
              .batchNormInferenceRelu(spec, x, gamma, beta, mean, variance, residual, y);
        });
  }

  private static OpCase inferenceReluBackward(BatchNormSpec spec, boolean residual, float beta) {
    return new OpCase(
        "batchNormInferenceReluBackward beta " + beta + " " + on(spec, residual),
        Tolerance.roundings(16),
        t -> {
          Buffer y = FusedOpsCases.reluOutput(t, spec.shape());
          Buffer dResidual = residual ? t.result("dResidual", spec.shape(), BATCH, beta) : null;
          Buffer dx = t.result("dx", spec.shape(), BATCH, beta);
          inferenceBackward(t, spec, y, t.gradients(spec.shape()), dx, beta, dResidual, beta);
        });
  }

  /** Of a frozen norm whose input nobody wants to know about. */
  private static OpCase inferenceReluBackwardOfResidual(BatchNormSpec spec) {
    return new OpCase(
        "batchNormInferenceReluBackward of the residual " + spec,
        Tolerance.roundings(16),
        t -> {
          Buffer y = FusedOpsCases.reluOutput(t, spec.shape());
          Buffer dResidual = t.result("dResidual", spec.shape(), BATCH);
          inferenceBackward(t, spec, y, t.gradients(spec.shape()), null, 0, dResidual, 0);
        });
  }

  /** As {@link #reluBackwardInPlace}. */
  private static OpCase inferenceReluBackwardInPlace(
      BatchNormSpec spec, boolean residual, float dxBeta) {
    return new OpCase(
        "batchNormInferenceReluBackward in place, beta " + dxBeta + " " + on(spec, residual),
        Tolerance.roundings(16),
        t -> {
          Buffer y = FusedOpsCases.reluOutput(t, spec.shape());
          Buffer dy = t.observe("dy", t.gradients(spec.shape()), spec.shape(), BATCH);
          Buffer dx = residual && dxBeta == 0 ? t.result("dx", spec.shape(), BATCH) : dy;
          inferenceBackward(t, spec, y, dy, dx, dxBeta, residual ? dy : null, 0);
        });
  }

  private static OpCase packedInferenceRelu(BatchNormSpec spec, boolean withResidual) {
    Shape perChannel = Shape.of(spec.c());
    return new OpCase(
        "batchNormInferenceRelu of packed " + on(spec, withResidual),
        Tolerance.roundings(16).packed(),
        t -> {
          Buffer x = t.packed(t.activations(spec.shape()), spec.shape(), BATCH);
          Buffer gamma = t.dense(perChannel);
          Buffer beta = t.dense(perChannel);
          Buffer mean = t.dense(perChannel);
          Buffer variance = NormalizationCases.positive(t, spec);
          Buffer residual =
              withResidual ? t.packed(t.activations(spec.shape()), spec.shape(), BATCH) : null;
          Buffer y = t.observe("y", t.packed(spec.shape(), BATCH), spec.shape(), BATCH);
          t.backend()
              .fused()
              .batchNormInferenceRelu(spec, x, gamma, beta, mean, variance, residual, y);
        });
  }

  /** Gradients in float32 behind activations that are not. */
  private static OpCase packedInferenceReluBackward(BatchNormSpec spec, boolean residual) {
    return new OpCase(
        "batchNormInferenceReluBackward of packed " + on(spec, residual),
        Tolerance.roundings(16),
        t -> {
          Buffer dResidual = residual ? t.result("dResidual", spec.shape(), BATCH) : null;
          Buffer dx = t.result("dx", spec.shape(), BATCH);
          Buffer dy = t.gradients(spec.shape());
          inferenceBackward(t, spec, packedReluOutput(t, spec), dy, dx, 0, dResidual, 0);
        });
  }

  private static OpCase packedInferenceReluBackwardInPlace(BatchNormSpec spec, boolean residual) {
    return new OpCase(
        "batchNormInferenceReluBackward in place, packed, " + on(spec, residual),
        Tolerance.roundings(16).packed(),
        t -> {
          Buffer values = t.packed(t.gradients(spec.shape()), spec.shape(), BATCH);
          Buffer dy = t.observe("dy", values, spec.shape(), BATCH);
          Buffer dx = residual ? t.packedResult("dx", spec.shape(), BATCH, 0) : dy;
          Buffer y = packedReluOutput(t, spec);
          inferenceBackward(t, spec, y, dy, dx, 0, residual ? dy : null, 0);
        });
  }

  /** As {@link #packedGradients}. */
  private static OpCase packedGradientsOfInference(
      BatchNormSpec spec, boolean residual, float beta) {
    return new OpCase(
        "batchNormInferenceReluBackward packed, beta " + beta + " " + on(spec, residual),
        Tolerance.roundings(16).packed(),
        t -> {
          Buffer dResidual =
              residual ? t.packedResult("dResidual", spec.shape(), BATCH, beta) : null;
          Buffer dx = t.packedResult("dx", spec.shape(), BATCH, beta);
          Buffer values = t.gradients(spec.shape());
          Buffer dy = spec.n() % 2 == 0 ? values : t.packed(values, spec.shape(), BATCH);
          Buffer y = packedReluOutput(t, spec);
          inferenceBackward(t, spec, y, dy, dx, beta, dResidual, beta);
        });
  }

  private static Buffer packedReluOutput(Trial t, BatchNormSpec spec) {
    return t.packed(FusedOpsCases.reluOutput(t, spec.shape()), spec.shape(), BATCH);
  }

  private static void inferenceBackward(
      Trial t,
      BatchNormSpec spec,
      Buffer y,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      Buffer dResidual,
      float dResidualBeta) {
    Buffer gamma = t.dense(Shape.of(spec.c()));
    Buffer variance = NormalizationCases.positive(t, spec);
    t.backend()
        .fused()
        .batchNormInferenceReluBackward(
            spec, y, gamma, variance, dy, dx, dxBeta, dResidual, dResidualBeta);
  }

  private static OpCase reluBackwardOfInput(BatchNormSpec spec, boolean residual, float dxBeta) {
    return new OpCase(
        "batchNormReluBackward of the input, beta " + dxBeta + " " + on(spec, residual),
        Tolerance.normalizedSum(NormalizationCases.terms(spec)),
        t -> {
          Buffer dResidual = residual ? t.result("dResidual", spec.shape(), BATCH, dxBeta) : null;
          Buffer dx = t.result("dx", spec.shape(), BATCH, dxBeta);
          Buffer dgamma = t.scratch(Shape.of(spec.c()), DType.F32, DENSE);
          Buffer dbeta = t.scratch(Shape.of(spec.c()), DType.F32, DENSE);
          Buffer dy = t.gradients(spec.shape());
          NormRelu.of(t, spec, residual)
              .backward(dy, dx, dxBeta, dResidual, dxBeta, dgamma, dbeta, 0);
        });
  }

  private static OpCase reluBackwardOfWeights(BatchNormSpec spec, boolean residual) {
    return new OpCase(
        "batchNormReluBackward of the weights " + on(spec, residual),
        Tolerance.cancellingSum(NormalizationCases.terms(spec)),
        t -> {
          Buffer dResidual = residual ? t.scratch(spec.shape(), DType.F32, BATCH) : null;
          Buffer dgamma = t.result("dgamma", Shape.of(spec.c()), DENSE, 1);
          Buffer dbeta = t.result("dbeta", Shape.of(spec.c()), DENSE, 1);
          Buffer dy = t.gradients(spec.shape());
          NormRelu.of(t, spec, residual).backward(dy, null, 0, dResidual, 0, dgamma, dbeta, 1);
        });
  }

  /** The first gradient over dy; dx, where it is the second, apart from it or added to it. */
  private static OpCase reluBackwardInPlace(BatchNormSpec spec, boolean residual, float dxBeta) {
    return new OpCase(
        "batchNormReluBackward in place, beta " + dxBeta + " " + on(spec, residual),
        Tolerance.normalizedSum(NormalizationCases.terms(spec)),
        t -> {
          Buffer dy = t.observe("dy", t.gradients(spec.shape()), spec.shape(), BATCH);
          Buffer apart = residual && dxBeta == 0 ? t.result("dx", spec.shape(), BATCH) : dy;
          Buffer dgamma = t.scratch(Shape.of(spec.c()), DType.F32, DENSE);
          Buffer dbeta = t.scratch(Shape.of(spec.c()), DType.F32, DENSE);
          NormRelu.of(t, spec, residual)
              .backward(dy, apart, dxBeta, residual ? dy : null, 0, dgamma, dbeta, 0);
        });
  }

  /** What a normalisation with ReLU read and wrote before its backward call. */
  private record NormRelu(
      Trial t,
      BatchNormSpec spec,
      Buffer x,
      Buffer y,
      Buffer gamma,
      Buffer beta,
      Buffer mean,
      Buffer invStd) {
    static NormRelu of(Trial t, BatchNormSpec spec, boolean withResidual) {
      Shape perChannel = Shape.of(spec.c());
      float[] x = t.random().uniform(spec.shape().size());
      for (int i = 0; i < x.length; i++) {
        x[i] = Math.round(x[i] * 64) / 64f; // which bfloat16 can hold
      }
      float[] gamma = t.random().uniform(spec.c(), 0.5f, 1.5f);
      for (int c = 1; c < gamma.length; c += 2) {
        gamma[c] = -gamma[c];
      }
      float[] beta = t.random().uniform(spec.c());
      float[] mean = t.random().uniform(spec.c());
      float[] invStd = t.random().uniform(spec.c(), 0.5f, 1.5f);
      float[] y = new float[x.length];
      int pixels = spec.h() * spec.w();
      for (int i = 0; i < y.length; i++) {
        int c = i / pixels % spec.c();
        double slope = (double) gamma[c] * invStd[c];
        if (Math.abs(slope * (x[i] - mean[c]) + beta[c]) < 1e-3) {
          x[i] += 0.125f; // rounding must not decide what passes the ReLU
        }
        y[i] = (float) Math.max(slope * (x[i] - mean[c]) + beta[c], 0);
      }
      return new NormRelu(
          t,
          spec,
          t.activations(spec.shape(), x),
          withResidual ? FusedOpsCases.reluOutput(t, spec.shape()) : t.activations(spec.shape(), y),
          t.dense(perChannel, gamma),
          withResidual ? null : t.dense(perChannel, beta),
          t.dense(perChannel, mean),
          t.dense(perChannel, invStd));
    }

    NormRelu packed() {
      return new NormRelu(
          t,
          spec,
          t.packed(x, spec.shape(), BATCH),
          t.packed(y, spec.shape(), BATCH),
          gamma,
          beta,
          mean,
          invStd);
    }

    void backward(
        Buffer dy,
        Buffer dx,
        float dxBeta,
        Buffer dResidual,
        float dResidualBeta,
        Buffer dgamma,
        Buffer dbeta,
        float weightsBeta) {
      t.backend()
          .fused()
          .batchNormReluBackward(
              spec,
              x,
              y,
              gamma,
              beta,
              mean,
              invStd,
              dy,
              dx,
              dxBeta,
              dResidual,
              dResidualBeta,
              dgamma,
              dbeta,
              weightsBeta);
    }
  }
}
