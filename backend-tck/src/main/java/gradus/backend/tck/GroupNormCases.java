package gradus.backend.tck;

import static gradus.tensor.Placement.BATCH;
import static gradus.tensor.Placement.DENSE;

import gradus.backend.Buffer;
import gradus.backend.spec.GroupNormSpec;
import gradus.tensor.Shape;
import java.util.Arrays;
import java.util.stream.Stream;

/** Group normalisation and its gradients. */
final class GroupNormCases {
  private GroupNormCases() {}

  static Stream<OpCase> all() {
    return Stream.concat(
        Stream.of(
                spec(1, 1, 1, 1, 1),
                spec(1, 6, 5, 7, 3),
                spec(2, 4, 8, 8, 1),
                spec(3, 8, 4, 4, 8),
                spec(5, 32, 1, 1, 4),
                spec(15, 12, 3, 3, 4),
                spec(16, 12, 7, 5, 2),
                spec(17, 6, 9, 1, 6),
                spec(33, 10, 13, 13, 5),
                spec(64, 32, 1, 1, 8),
                spec(2, 64, 30, 30, 2))
            .flatMap(
                spec ->
                    Stream.of(
                        forward(spec),
                        gradients(spec, 0, 0),
                        gradients(spec, 1, 0),
                        gradients(spec, 0, 1),
                        gradientInPlace(spec),
                        gradientOfInputAlone(spec),
                        gradientOfWeightsAlone(spec))),
        Stream.of(
            farFromZero(spec(2, 6, 7, 7, 2)),
            farFromZero(spec(17, 4, 13, 13, 1)),
            constantGroup(spec(3, 4, 5, 5, 2)),
            constantGroup(spec(17, 4, 5, 5, 2)),
            specialValues(spec(3, 4, 5, 5, 2)),
            specialValues(spec(17, 4, 5, 5, 2))));
  }

  private static GroupNormSpec spec(int n, int c, int h, int w, int groups) {
    return new GroupNormSpec(n, c, h, w, groups, 1e-5f);
  }

  private static OpCase forward(GroupNormSpec spec) {
    return new OpCase(
        "groupNorm " + spec,
        Tolerance.normalizedSum(spec.elements()),
        t -> forward(t, spec, t.random().uniform(spec.shape().size())));
  }

  /** A mean far larger than the deviation: the sum of squares alone would cancel. */
  private static OpCase farFromZero(GroupNormSpec spec) {
    return new OpCase(
        "groupNorm far from zero " + spec,
        Tolerance.relative(1e-3),
        t -> {
          float[] values = t.random().uniform(spec.shape().size());
          for (int i = 0; i < values.length; i++) {
            values[i] += 7; // still exact on the grid
          }
          forward(t, spec, values);
        });
  }

  /** No deviation at all: nothing may become NaN, nor y leave beta. */
  private static OpCase constantGroup(GroupNormSpec spec) {
    return new OpCase(
        "groupNorm of a constant " + spec,
        Tolerance.roundings(64),
        t -> {
          float[] values = new float[(int) spec.shape().size()];
          Arrays.fill(values, 0.5f);
          forward(t, spec, values);
        });
  }

  /** A NaN spoils its group of its image and nothing else. */
  private static OpCase specialValues(GroupNormSpec spec) {
    return new OpCase(
        "groupNorm with a NaN " + spec,
        Tolerance.normalizedSum(spec.elements()),
        t -> {
          float[] values = t.random().uniform(spec.shape().size());
          values[values.length / 2] = Float.NaN;
          forward(t, spec, values);
        });
  }

  private static void forward(Trial t, GroupNormSpec spec, float[] values) {
    Buffer x = t.activations(spec.shape(), values);
    Buffer gamma = t.dense(Shape.of(spec.c()));
    Buffer beta = t.dense(Shape.of(spec.c()));
    Buffer y = t.result("y", spec.shape(), BATCH);
    Buffer mean = t.result("savedMean", spec.statistics(), BATCH);
    Buffer invStd = t.result("savedInvStd", spec.statistics(), BATCH);
    t.backend().nn().groupNorm(spec, x, gamma, beta, y, mean, invStd);
  }

  private static OpCase gradients(GroupNormSpec spec, float dxBeta, float weightsBeta) {
    return new OpCase(
        "groupNormBackward, beta " + dxBeta + " and " + weightsBeta + " " + spec,
        tolerance(spec),
        t -> {
          Buffer dy = t.gradients(spec.shape());
          Buffer dx = t.result("dx", spec.shape(), BATCH, dxBeta);
          backward(t, spec, dy, dx, dxBeta, true, weightsBeta);
        });
  }

  private static OpCase gradientInPlace(GroupNormSpec spec) {
    return new OpCase(
        "groupNormBackward in place " + spec,
        tolerance(spec),
        t -> {
          Buffer dy = t.observe("dx", t.gradients(spec.shape()), spec.shape(), BATCH);
          backward(t, spec, dy, dy, 0, true, 0);
        });
  }

  private static OpCase gradientOfInputAlone(GroupNormSpec spec) {
    return new OpCase(
        "groupNormBackward without weights " + spec,
        tolerance(spec),
        t -> {
          Buffer dx = t.result("dx", spec.shape(), BATCH);
          backward(t, spec, t.gradients(spec.shape()), dx, 0, false, 0);
        });
  }

  private static OpCase gradientOfWeightsAlone(GroupNormSpec spec) {
    return new OpCase(
        "groupNormBackward without dx " + spec,
        tolerance(spec),
        t -> backward(t, spec, t.gradients(spec.shape()), null, 0, true, 0));
  }

  /** Every sum of terms of either sign: of a group's elements, or of a channel's. */
  private static Tolerance tolerance(GroupNormSpec spec) {
    return Tolerance.cancellingSum((long) spec.n() * spec.elements());
  }

  private static void backward(
      Trial t,
      GroupNormSpec spec,
      Buffer dy,
      Buffer dx,
      float dxBeta,
      boolean ofWeights,
      float weightsBeta) {
    Shape perChannel = Shape.of(spec.c());
    Buffer x = t.activations(spec.shape());
    Buffer gamma = t.dense(perChannel);
    Buffer mean = t.activations(spec.statistics());
    long groups = spec.statistics().size();
    Buffer invStd = t.activations(spec.statistics(), t.random().uniform(groups, 0.5f, 1.5f));
    Buffer dgamma = ofWeights ? t.result("dgamma", perChannel, DENSE, weightsBeta) : null;
    Buffer dbeta = ofWeights ? t.result("dbeta", perChannel, DENSE, weightsBeta) : null;
    t.backend()
        .nn()
        .groupNormBackward(
            spec, x, gamma, mean, invStd, dy, dx, dxBeta, dgamma, dbeta, weightsBeta);
  }
}
