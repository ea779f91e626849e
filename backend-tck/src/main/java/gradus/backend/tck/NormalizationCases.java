package gradus.backend.tck;

import static gradus.tensor.Placement.BATCH;
import static gradus.tensor.Placement.DENSE;

import gradus.backend.Buffer;
import gradus.backend.spec.BatchNormSpec;
import gradus.tensor.DType;
import gradus.tensor.Shape;
import java.util.Arrays;
import java.util.stream.Stream;

/** Batch normalisation. */
final class NormalizationCases {
  private NormalizationCases() {}

  static Stream<OpCase> all() {
    return Stream.concat(
        Shapes.batchNorms().stream()
            .flatMap(
                spec ->
                    Stream.of(
                        training(spec),
                        inference(spec),
                        gradientOfInference(spec, 0),
                        gradientOfInference(spec, 1),
                        gradientOfInferenceInPlace(spec),
                        gradientOfInput(spec, 0),
                        gradientOfInput(spec, 1),
                        gradientInPlace(spec),
                        gradientOfWeights(spec, 0, true),
                        gradientOfWeights(spec, 1, true),
                        gradientOfWeights(spec, 0, false))),
        Stream.of(
            farFromZero(new BatchNormSpec(16, 3, 7, 7, 0.1f, 1e-5f)),
            farFromZero(new BatchNormSpec(17, 2, 13, 13, 0.1f, 1e-5f)),
            constantChannel(new BatchNormSpec(17, 2, 5, 5, 0.1f, 1e-5f)),
            specialValues(new BatchNormSpec(17, 3, 5, 5, 0.1f, 1e-5f))));
  }

  static long terms(BatchNormSpec spec) {
    return (long) spec.n() * spec.h() * spec.w();
  }

  private static OpCase training(BatchNormSpec spec) {
    return new OpCase(
        "batchNormTraining " + spec,
        Tolerance.normalizedSum(terms(spec)),
        t -> train(t, spec, t.random().uniform(spec.shape().size())));
  }

  /** A mean far larger than the deviation: the sum of squares alone would cancel. */
  private static OpCase farFromZero(BatchNormSpec spec) {
    return new OpCase(
        "batchNormTraining far from zero " + spec,
        Tolerance.relative(1e-3),
        t -> {
          float[] values = t.random().uniform(spec.shape().size());
          for (int i = 0; i < values.length; i++) {
            values[i] += 7; // still exact on the grid
          }
          train(t, spec, values);
        });
  }

  /** No deviation at all: nothing may become NaN, nor y leave beta. */
  private static OpCase constantChannel(BatchNormSpec spec) {
    return new OpCase(
        "batchNormTraining of a constant " + spec,
        Tolerance.roundings(64),
        t -> {
          float[] values = new float[(int) spec.shape().size()];
          Arrays.fill(values, 0.5f);
          train(t, spec, values);
        });
  }

  /** A NaN spoils its channel and no other. */
  private static OpCase specialValues(BatchNormSpec spec) {
    return new OpCase(
        "batchNormTraining of special values " + spec,
        Tolerance.normalizedSum(terms(spec)),
        t -> {
          float[] values = t.random().uniform(spec.shape().size());
          values[spec.h() * spec.w() + 1] = Float.NaN;
          train(t, spec, values);
        });
  }

  private static void train(Trial t, BatchNormSpec spec, float[] values) {
    Shape perChannel = Shape.of(spec.c());
    Buffer x = t.activations(spec.shape(), values);
    Buffer gamma = t.dense(perChannel);
    Buffer beta = t.dense(perChannel);
    Buffer runningMean = t.observe("runningMean", t.dense(perChannel), perChannel, DENSE);
    Buffer runningVar = t.observe("runningVar", positive(t, spec), perChannel, DENSE);
    Buffer y = t.result("y", spec.shape(), BATCH);
    Buffer savedMean = t.result("savedMean", perChannel, DENSE);
    Buffer savedInvStd = t.result("savedInvStd", perChannel, DENSE);
    t.backend()
        .nn()
        .batchNormTraining(
            spec, x, gamma, beta, runningMean, runningVar, y, savedMean, savedInvStd);
  }

  private static OpCase inference(BatchNormSpec spec) {
    Shape perChannel = Shape.of(spec.c());
    return new OpCase(
        "batchNormInference " + spec,
        Tolerance.roundings(16),
        t -> {
          Buffer x = t.activations(spec.shape());
          Buffer gamma = t.dense(perChannel);
          Buffer beta = t.dense(perChannel);
          Buffer mean = t.dense(perChannel);
          Buffer variance = positive(t, spec);
          Buffer y = t.result("y", spec.shape(), BATCH);
          t.backend().nn().batchNormInference(spec, x, gamma, beta, mean, variance, y);
        });
  }

  private static OpCase gradientOfInference(BatchNormSpec spec, float dxBeta) {
    return new OpCase(
        "batchNormInferenceBackward beta " + dxBeta + " " + spec,
        Tolerance.roundings(16),
        t ->
            inferenceBackward(
                t,
                spec,
                t.gradients(spec.shape()),
                t.result("dx", spec.shape(), BATCH, dxBeta),
                dxBeta));
  }

  private static OpCase gradientOfInferenceInPlace(BatchNormSpec spec) {
    return new OpCase(
        "batchNormInferenceBackward in place " + spec,
        Tolerance.roundings(16),
        t -> {
          Buffer dy = t.observe("dx", t.gradients(spec.shape()), spec.shape(), BATCH);
          inferenceBackward(t, spec, dy, dy, 0);
        });
  }

  private static void inferenceBackward(
      Trial t, BatchNormSpec spec, Buffer dy, Buffer dx, float dxBeta) {
    Buffer gamma = t.dense(Shape.of(spec.c()));
    t.backend().nn().batchNormInferenceBackward(spec, gamma, positive(t, spec), dy, dx, dxBeta);
  }

  private static OpCase gradientOfInput(BatchNormSpec spec, float dxBeta) {
    Shape perChannel = Shape.of(spec.c());
    return new OpCase(
        "batchNormBackward of the input, beta " + dxBeta + " " + spec,
        Tolerance.normalizedSum(terms(spec)),
        t -> {
          Buffer x = t.activations(spec.shape());
          Buffer gamma = t.dense(perChannel);
          Buffer mean = t.dense(perChannel);
          Buffer invStd = positive(t, spec);
          Buffer dy = t.gradients(spec.shape());
          Buffer dx = t.result("dx", spec.shape(), BATCH, dxBeta);
          Buffer dgamma = t.scratch(perChannel, DType.F32, DENSE);
          Buffer dbeta = t.scratch(perChannel, DType.F32, DENSE);
          t.backend()
              .nn()
              .batchNormBackward(spec, x, gamma, mean, invStd, dy, dx, dxBeta, dgamma, dbeta, 0);
        });
  }

  /** Of activations and gradients that lie packed. */
  static Stream<OpCase> packed() {
    return Shapes.batchNorms().stream()
        .flatMap(
            spec ->
                Stream.of(
                    packedInference(spec),
                    packedGradientOfInference(spec, true, 0),
                    packedGradientOfInference(spec, false, 0),
                    packedGradientOfInference(spec, true, 1),
                    packedGradientOfInference(spec, false, 1),
                    packedGradient(spec, true, 0),
                    packedGradient(spec, false, 0),
                    packedGradient(spec, true, 1),
                    packedGradient(spec, false, 1),
                    gradientOfWeightsOfPacked(spec)));
  }

  private static OpCase packedInference(BatchNormSpec spec) {
    Shape perChannel = Shape.of(spec.c());
    return new OpCase(
        "batchNormInference of packed " + spec,
        Tolerance.roundings(16).packed(),
        t -> {
          Buffer x = t.packed(t.activations(spec.shape()), spec.shape(), BATCH);
          Buffer gamma = t.dense(perChannel);
          Buffer beta = t.dense(perChannel);
          Buffer mean = t.dense(perChannel);
          Buffer y = t.observe("y", t.packed(spec.shape(), BATCH), spec.shape(), BATCH);
          t.backend().nn().batchNormInference(spec, x, gamma, beta, mean, positive(t, spec), y);
        });
  }

  private static OpCase packedGradientOfInference(
      BatchNormSpec spec, boolean fromFloats, float beta) {
    return new OpCase(
        "batchNormInferenceBackward %s to packed, beta %s %s"
            .formatted(fromFloats ? "of float32" : "of packed", beta, spec),
        Tolerance.roundings(16).packed(),
        t -> {
          Buffer values = t.gradients(spec.shape());
          Buffer dy = fromFloats ? values : t.packed(values, spec.shape(), BATCH);
          inferenceBackward(t, spec, dy, t.packedResult("dx", spec.shape(), BATCH, beta), beta);
        });
  }

  private static OpCase packedGradient(BatchNormSpec spec, boolean fromFloats, float beta) {
    Shape perChannel = Shape.of(spec.c());
    return new OpCase(
        "batchNormBackward %s to packed, beta %s %s"
            .formatted(fromFloats ? "of float32" : "of packed", beta, spec),
        Tolerance.normalizedSum(terms(spec)).packed(),
        t -> {
          Buffer x = t.packed(t.activations(spec.shape()), spec.shape(), BATCH);
          Buffer gamma = t.dense(perChannel);
          Buffer mean = t.dense(perChannel);
          Buffer invStd = positive(t, spec);
          Buffer values = t.gradients(spec.shape());
          Buffer dy = fromFloats ? values : t.packed(values, spec.shape(), BATCH);
          Buffer dx = t.packedResult("dx", spec.shape(), BATCH, beta);
          Buffer dgamma = t.scratch(perChannel, DType.F32, DENSE);
          Buffer dbeta = t.scratch(perChannel, DType.F32, DENSE);
          t.backend()
              .nn()
              .batchNormBackward(spec, x, gamma, mean, invStd, dy, dx, beta, dgamma, dbeta, 0);
        });
  }

  private static OpCase gradientOfWeightsOfPacked(BatchNormSpec spec) {
    Shape perChannel = Shape.of(spec.c());
    return new OpCase(
        "batchNormBackward of the weights, of packed " + spec,
        Tolerance.cancellingSum(terms(spec)),
        t -> {
          Buffer x = t.packed(t.activations(spec.shape()), spec.shape(), BATCH);
          Buffer gamma = t.dense(perChannel);
          Buffer mean = t.dense(perChannel);
          Buffer invStd = positive(t, spec);
          Buffer dy = t.packed(t.gradients(spec.shape()), spec.shape(), BATCH);
          Buffer dgamma = t.result("dgamma", perChannel, DENSE, 1);
          Buffer dbeta = t.result("dbeta", perChannel, DENSE, 1);
          t.backend()
              .nn()
              .batchNormBackward(spec, x, gamma, mean, invStd, dy, null, 0, dgamma, dbeta, 1);
        });
  }

  private static OpCase gradientInPlace(BatchNormSpec spec) {
    Shape perChannel = Shape.of(spec.c());
    return new OpCase(
        "batchNormBackward in place " + spec,
        Tolerance.normalizedSum(terms(spec)),
        t -> {
          Buffer x = t.activations(spec.shape());
          Buffer gamma = t.dense(perChannel);
          Buffer mean = t.dense(perChannel);
          Buffer invStd = positive(t, spec);
          Buffer dy = t.observe("dx", t.gradients(spec.shape()), spec.shape(), BATCH);
          Buffer dgamma = t.scratch(perChannel, DType.F32, DENSE);
          Buffer dbeta = t.scratch(perChannel, DType.F32, DENSE);
          t.backend()
              .nn()
              .batchNormBackward(spec, x, gamma, mean, invStd, dy, dy, 0, dgamma, dbeta, 0);
        });
  }

  private static OpCase gradientOfWeights(BatchNormSpec spec, float beta, boolean withInput) {
    Shape perChannel = Shape.of(spec.c());
    return new OpCase(
        "batchNormBackward of the weights, beta "
            + beta
            + (withInput ? " " : " without dx ")
            + spec,
        Tolerance.cancellingSum(terms(spec)),
        t -> {
          Buffer x = t.activations(spec.shape());
          Buffer gamma = t.dense(perChannel);
          Buffer mean = t.dense(perChannel);
          Buffer invStd = positive(t, spec);
          Buffer dy = t.gradients(spec.shape());
          Buffer dx = withInput ? t.scratch(spec.shape(), DType.F32, BATCH) : null;
          Buffer dgamma = t.result("dgamma", perChannel, DENSE, beta);
          Buffer dbeta = t.result("dbeta", perChannel, DENSE, beta);
          t.backend()
              .nn()
              .batchNormBackward(spec, x, gamma, mean, invStd, dy, dx, 0, dgamma, dbeta, beta);
        });
  }

  /** One number from 0.5 to 1.5 per channel: a variance, or an inverse deviation. */
  static Buffer positive(Trial t, BatchNormSpec spec) {
    return t.dense(Shape.of(spec.c()), t.random().uniform(spec.c(), 0.5f, 1.5f));
  }
}
