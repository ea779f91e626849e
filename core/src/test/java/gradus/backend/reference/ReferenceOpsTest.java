package gradus.backend.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import gradus.backend.Buffer;
import gradus.backend.spec.AdamSpec;
import gradus.backend.spec.AdaptivePoolSpec;
import gradus.backend.spec.BatchNormSpec;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.CrossEntropySpec;
import gradus.backend.spec.DropoutSpec;
import gradus.backend.spec.LinearSpec;
import gradus.backend.spec.PoolSpec;
import gradus.backend.spec.SgdSpec;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * What the ops mean, in numbers a person can check by hand. Gradients are proved elsewhere, by
 * finite differences of these.
 */
class ReferenceOpsTest {
  private static final double NEAR = 1e-12;
  private static final double[] ONE_TO_NINE = {1, 2, 3, 4, 5, 6, 7, 8, 9};

  private final ReferenceBackend backend = new ReferenceBackend();

  @Test
  void convolutionIsACrossCorrelation() {
    Conv2dSpec spec = Conv2dSpec.of(1, 1, 3, 3, 1, 2, 1, 0);
    // 1 + 20 + 4*100 + 5*1000, and so on: the kernel is not flipped
    assertArrayEquals(
        new double[] {5421, 6532, 8754, 9865}, convolve(spec, ONE_TO_NINE, 1, 10, 100, 1000));
  }

  @Test
  void paddingIsTopLeftBottomRight() {
    Conv2dSpec spec = new Conv2dSpec(1, 1, 3, 3, 1, 2, 2, 2, 2, 1, 0, 0, 1, 1, 1, 1);
    // a row of zeros above, a column of zeros to the right, stride 2
    assertArrayEquals(
        new double[] {2100, 300, 8754, 906}, convolve(spec, ONE_TO_NINE, 1, 10, 100, 1000));
  }

  @Test
  void dilationSpreadsTheKernel() {
    Conv2dSpec spec = new Conv2dSpec(1, 1, 3, 3, 1, 2, 2, 1, 1, 0, 0, 0, 0, 2, 2, 1);
    assertArrayEquals(new double[] {9731}, convolve(spec, ONE_TO_NINE, 1, 10, 100, 1000));
  }

  @Test
  void groupsSeeTheirOwnChannels() {
    Conv2dSpec spec = new Conv2dSpec(1, 4, 1, 1, 2, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 2);
    assertArrayEquals(
        new double[] {21, 4300}, convolve(spec, new double[] {1, 2, 3, 4}, 1, 10, 100, 1000));
  }

  private double[] convolve(Conv2dSpec spec, double[] x, double... w) {
    Buffer y = empty(spec.outputShape());
    backend.nn().conv2d(spec, floats(x), floats(w), null, y);
    return read(y);
  }

  @Test
  void linearTakesWeightsByOutput() {
    Buffer y = empty(Shape.of(2, 2));
    backend
        .nn()
        .linear(
            new LinearSpec(2, 3, 2),
            floats(1, 2, 3, 4, 5, 6),
            floats(1, 10, 100, 0, 0, 1),
            floats(0.5, -1),
            y);
    assertArrayEquals(new double[] {321.5, 2, 654.5, 5}, read(y));
  }

  @Test
  void maxPoolKeepsTheFirstOfEqualsAndIgnoresPadding() {
    PoolSpec spec = new PoolSpec(1, 1, 3, 3, 2, 2, 2, 2, 1, 1, false);
    Buffer y = empty(spec.outputShape());
    Buffer index = backend.memory().allocate(DType.U8, 4);
    backend.nn().maxPool(spec, floats(-1, -2, -2, -3, -4, -4, -3, -4, -4), y, index);
    assertArrayEquals(new double[] {-1, -2, -3, -4}, read(y));
    assertArrayEquals(new double[] {3, 2, 1, 0}, read(index));
  }

  @Test
  void averagesCountPaddingOnlyWhenAsked() {
    assertArrayEquals(new double[] {1, 2.5, 5.5, 7}, average(false));
    assertArrayEquals(new double[] {0.25, 1.25, 2.75, 7}, average(true));
  }

  private double[] average(boolean countPadding) {
    PoolSpec spec = new PoolSpec(1, 1, 3, 3, 2, 2, 2, 2, 1, 1, countPadding);
    Buffer y = empty(spec.outputShape());
    backend.nn().avgPool(spec, floats(ONE_TO_NINE), y);
    return read(y);
  }

  @Test
  void adaptiveWindowsOverlapWhereSizesDoNotDivide() {
    Buffer y = empty(Shape.of(1, 1, 1, 2));
    backend.nn().adaptiveAvgPool(new AdaptivePoolSpec(1, 1, 1, 3, 1, 2), floats(1, 2, 6), y);
    assertArrayEquals(new double[] {1.5, 4}, read(y));
  }

  @Test
  void batchNormKeepsTheBiasedVarianceAndRunsTheUnbiasedOne() {
    BatchNormSpec spec = new BatchNormSpec(2, 1, 1, 2, 0.5f, 1f);
    Buffer y = empty(spec.shape());
    Buffer runningMean = floats(1);
    Buffer runningVar = floats(2);
    Buffer mean = empty(Shape.of(1));
    Buffer invStd = empty(Shape.of(1));
    // mean 3, squared deviations 4, 1, 1, 4
    backend
        .nn()
        .batchNormTraining(
            spec,
            floats(1, 2, 4, 5),
            floats(4),
            floats(1),
            runningMean,
            runningVar,
            y,
            mean,
            invStd);
    double variance = (4 + 1 + 1 + 4) / 4.0;
    double scale = 4 / Math.sqrt(variance + 1);
    assertArrayEquals(
        new double[] {1 - 2 * scale, 1 - scale, 1 + scale, 1 + 2 * scale}, read(y), NEAR);
    assertArrayEquals(new double[] {3}, read(mean));
    assertArrayEquals(new double[] {1 / Math.sqrt(variance + 1)}, read(invStd), NEAR);
    assertArrayEquals(new double[] {2}, read(runningMean));
    assertArrayEquals(new double[] {1 + variance * 4 / 3 / 2}, read(runningVar), NEAR);
  }

  @Test
  void crossEntropyWeighsAndSmoothsAsPyTorchDoes() {
    double log2 = Math.log(2);
    // two equal logits: every log p is -log 2, whatever the label
    assertEquals(log2, crossEntropy(0, 0, 0, 0, 0), NEAR);
    // weights 1 and 3: (1 * log 2 + 3 * log 2) / 4
    assertEquals(log2, crossEntropy(0, 0, 0, 0, 0, 1, 3), NEAR);
    // logits log 3 apart: p = 3/4, 1/4; labels 0 and 1 in two equal rows
    double likely = Math.log(4.0 / 3);
    double unlikely = Math.log(4);
    assertEquals((likely + unlikely) / 2, crossEntropy(0, Math.log(3), 0, Math.log(3), 0), NEAR);
    assertEquals(
        (likely + 3 * unlikely) / 4, crossEntropy(0, Math.log(3), 0, Math.log(3), 0, 1, 3), NEAR);
    assertEquals((likely + unlikely) / 2, crossEntropy(0.5f, Math.log(3), 0, Math.log(3), 0), NEAR);
    // targets (3/4, 1/4) and (1/4, 3/4), times weights, over the weights of the labels
    assertEquals(
        (0.75 * likely + 0.25 * 3 * unlikely + 0.25 * likely + 0.75 * 3 * unlikely) / 4,
        crossEntropy(0.5f, Math.log(3), 0, Math.log(3), 0, 1, 3),
        NEAR);
  }

  private double crossEntropy(
      float smoothing, double a, double b, double c, double d, double... weights) {
    Buffer loss = empty(Shape.SCALAR);
    backend
        .losses()
        .crossEntropy(
            new CrossEntropySpec(2, 2, smoothing, 0),
            floats(a, b, c, d),
            floats(0, 1),
            weights.length == 0 ? null : floats(weights),
            loss,
            null);
    return read(loss)[0];
  }

  @Test
  void focalLossTurnsDownWhatIsRight() {
    Buffer loss = empty(Shape.SCALAR);
    CrossEntropySpec spec = new CrossEntropySpec(1, 2, 0, 2);
    backend.losses().crossEntropy(spec, floats(Math.log(3), 0), floats(0), null, loss, null);
    assertEquals(Math.log(4.0 / 3) / 16, read(loss)[0], NEAR);
  }

  @Test
  void lossesOfHugeLogitsStayFinite() {
    Buffer loss = empty(Shape.SCALAR);
    Buffer gradient = empty(Shape.of(1, 2));
    CrossEntropySpec spec = new CrossEntropySpec(1, 2, 0, 0);
    backend.losses().crossEntropy(spec, floats(-1e4, 1e4), floats(0), null, loss, gradient);
    assertEquals(2e4, read(loss)[0], NEAR);
    assertArrayEquals(new double[] {-1, 1}, read(gradient), NEAR);
    backend
        .losses()
        .binaryCrossEntropyWithLogits(
            Shape.of(1, 2), floats(-1e4, 1e4), floats(1, 1), loss, gradient);
    assertEquals(5e3, read(loss)[0], NEAR);
    assertArrayEquals(new double[] {-0.5, 0}, read(gradient), NEAR);
  }

  @Test
  void aClassThatIsRuledOutDoesNotCount() {
    double never = Double.NEGATIVE_INFINITY;
    Buffer loss = empty(Shape.SCALAR);
    Buffer gradient = empty(Shape.of(1, 3));
    CrossEntropySpec spec = new CrossEntropySpec(1, 3, 0, 0);
    Buffer logits = floats(Math.log(3), 0, never);
    backend.losses().crossEntropy(spec, logits, floats(1), null, loss, gradient);
    assertEquals(Math.log(4), read(loss)[0], NEAR);
    assertArrayEquals(new double[] {0.75, -0.75, 0}, read(gradient), NEAR);
    Buffer halves = floats(0.5, 0.5, 0);
    backend.losses().softCrossEntropy(spec, logits, halves, null, loss, gradient);
    assertEquals(Math.log(4) - Math.log(3) / 2, read(loss)[0], NEAR);
    backend.losses().crossEntropy(spec, logits, floats(2), null, loss, gradient);
    assertEquals(Double.POSITIVE_INFINITY, read(loss)[0]);
  }

  @Test
  void onlyTheFirstMaximumIsCorrect() {
    Buffer correct = empty(Shape.SCALAR);
    double nan = Double.NaN;
    backend
        .losses()
        .countCorrect(4, 2, floats(1, 1, 1, 1, 0, 1, nan, 1), floats(0, 1, 1, 1), correct);
    assertEquals(2, read(correct)[0]);
  }

  @Test
  void dropoutKeepsTheMean() {
    DropoutSpec spec = new DropoutSpec(100, 1000, 1, 0.25f, 5);
    double[] ones = new double[100_000];
    Arrays.fill(ones, 1);
    Buffer y = empty(Shape.of(100, 1000));
    backend.nn().dropout(spec, floats(ones), y);
    double[] values = read(y);
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      assertEquals(spec.isDropped(i) ? 0 : 4.0 / 3, values[i], NEAR);
      sum += values[i];
    }
    assertEquals(1, sum / ones.length, 0.01); // five deviations
  }

  @Test
  void sgdStepsAsPyTorchDoes() {
    Buffer w = floats(1, 1);
    Buffer g = floats(0.5, 0.5);
    Buffer v = floats(9, 9); // garbage before the first step
    backend.optimizers().sgd(new SgdSpec(0.5f, 0.5f, 0.5f, false, 1, true), w, g, v, 1, 1);
    assertArrayEquals(new double[] {1, 0.25}, read(w)); // 1 - 0.5 (0.5 + 1)
    assertArrayEquals(new double[] {9, 1.5}, read(v));
    backend.optimizers().sgd(new SgdSpec(0.5f, 0.5f, 0.5f, false, 1, false), w, g, v, 1, 1);
    double velocity = 0.5 * 1.5 + 0.5 * (0.5 + 0.25);
    assertArrayEquals(new double[] {1, 0.25 - 0.5 * velocity}, read(w), NEAR);
    backend.optimizers().sgd(new SgdSpec(0.5f, 0.5f, 0, true, 0, true), w, g, v, 0, 1);
    assertEquals(1 - 0.5 * (0.5 + 0.5 * 0.5), read(w)[0], NEAR);
  }

  @Test
  void adamsFirstStepIsTheLearningRateWhateverTheGradient() {
    Buffer w = floats(1, 1);
    Buffer g = floats(1e-3, -100);
    AdamSpec spec = new AdamSpec(0.25f, 0.5f, 0.75f, 1e-12f, 0, false, 1);
    backend.optimizers().adam(spec, w, g, floats(0, 0), floats(0, 0), 0, 2);
    assertArrayEquals(new double[] {0.75, 1.25}, read(w), 1e-8);
    AdamSpec decayed = new AdamSpec(0.25f, 0.5f, 0.75f, 1e-12f, 0.5f, true, 1);
    Buffer v = floats(2, 2);
    backend.optimizers().adam(decayed, v, g, floats(0, 0), floats(0, 0), 0, 2);
    assertArrayEquals(new double[] {2 * 0.875 - 0.25, 2 * 0.875 + 0.25}, read(v), 1e-8);
  }

  @Test
  void statisticsLeaveOutWhatIsNotFinite() {
    Buffer out = empty(Shape.of(6));
    double nan = Double.NaN;
    double infinite = Double.NEGATIVE_INFINITY;
    backend
        .math()
        .statistics(floats(3, nan, 0, -2, infinite, -0.0), Shape.of(6), Placement.DENSE, out);
    assertArrayEquals(new double[] {1, 13, -2, 3, 2, 2}, read(out));
  }

  @Test
  void freeingTwiceIsRefused() {
    Buffer buffer = floats(1);
    backend.memory().free(buffer);
    assertThrows(GradusException.class, () -> backend.memory().free(buffer));
  }

  private Buffer floats(double... values) {
    Buffer buffer = empty(Shape.of(values.length));
    backend.memory().copyIn(values, buffer);
    return buffer;
  }

  private Buffer empty(Shape shape) {
    long bytes = backend.memory().bytes(shape, DType.F32, Placement.DENSE);
    return backend.memory().allocate(DType.F32, bytes);
  }

  private double[] read(Buffer buffer) {
    return backend.memory().copyOut(buffer);
  }
}
