package gradus.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.autograd.Tensor;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.tensor.Batch;
import gradus.tensor.DType;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LossTest {
  private static final float[] LOGITS = {1, 2, 0.5f, -1, 0, 3};
  private Backend backend;
  private Pass pass;

  @BeforeEach
  void open() {
    backend = Backends.named("reference");
    pass = Pass.training(backend);
  }

  @AfterEach
  void close() {
    pass.close();
    assertEquals(0, backend.pool().lent());
    backend.close();
  }

  private Tensor logits() {
    return pass.tensor(FloatBuffer.wrap(LOGITS), Shape.of(2, 3)).requireGradient();
  }

  private Tensor labels(int... labels) {
    return pass.labels(
        new Batch(
            Shape.of(labels.length, 1),
            FloatBuffer.allocate(labels.length),
            IntBuffer.wrap(labels)));
  }

  private static double logSoftmax(int row, int column) {
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      sum += Math.exp(LOGITS[row * 3 + i]);
    }
    return LOGITS[row * 3 + column] - Math.log(sum);
  }

  @Test
  void crossEntropyIsTheMeanNegativeLogProbability() {
    Tensor x = logits();
    Tensor loss = new CrossEntropyLoss().apply(x, labels(1, 0));
    assertEquals(-(logSoftmax(0, 1) + logSoftmax(1, 0)) / 2, loss.item(), 1e-6);
    pass.backward(loss);
    float[] gradient = x.gradientArray();
    assertEquals((Math.exp(logSoftmax(0, 1)) - 1) / 2, gradient[1], 1e-6);
    assertEquals(Math.exp(logSoftmax(1, 2)) / 2, gradient[5], 1e-6);
  }

  @Test
  void classWeightsWeighTheMean() {
    Tensor loss = new CrossEntropyLoss().classWeights(3, 1, 1).apply(logits(), labels(1, 0));
    assertEquals(-(logSoftmax(0, 1) + 3 * logSoftmax(1, 0)) / 4, loss.item(), 1e-6);
  }

  @Test
  void smoothingMixesWithTheUniformDistribution() {
    Tensor loss = new CrossEntropyLoss().labelSmoothing(0.3).apply(logits(), labels(1, 0));
    double expected = 0;
    for (int row = 0; row < 2; row++) {
      for (int c = 0; c < 3; c++) {
        double target = (c == 1 - row ? 0.7 : 0) + 0.1;
        expected -= target * logSoftmax(row, c) / 2;
      }
    }
    assertEquals(expected, loss.item(), 1e-6);
  }

  @Test
  void oneHotProbabilitiesAreLabels() {
    Tensor soft = pass.tensor(FloatBuffer.wrap(new float[] {0, 1, 0, 1, 0, 0}), Shape.of(2, 3));
    float hard = new CrossEntropyLoss().apply(logits(), labels(1, 0)).item();
    assertEquals(hard, new CrossEntropyLoss().apply(logits(), soft).item(), 1e-6);
  }

  @Test
  void focalLossTurnsDownTheEasyOnes() {
    double expected = 0;
    int[] labels = {1, 2};
    for (int row = 0; row < 2; row++) {
      double logP = logSoftmax(row, labels[row]);
      expected -= Math.pow(1 - Math.exp(logP), 2) * logP / 2;
    }
    assertEquals(expected, new FocalLoss().apply(logits(), labels(labels)).item(), 1e-6);
    float plain = new CrossEntropyLoss().apply(logits(), labels(labels)).item();
    assertEquals(plain, new FocalLoss(0).apply(logits(), labels(labels)).item(), 1e-6);
  }

  @Test
  void meanSquaredErrorAndItsGradient() {
    Tensor x = logits();
    Tensor target = pass.tensor(FloatBuffer.wrap(new float[6]), Shape.of(2, 3));
    Tensor loss = new MSELoss().apply(x, target);
    assertEquals((1 + 4 + 0.25 + 1 + 0 + 9) / 6, loss.item(), 1e-6);
    pass.backward(loss);
    assertArrayEquals(
        new float[] {1 / 3f, 2 / 3f, 1 / 6f, -1 / 3f, 0, 1}, x.gradientArray(), 1e-6f);
  }

  @Test
  void binaryCrossEntropySurvivesExtremes() {
    Tensor x = pass.tensor(FloatBuffer.wrap(new float[] {200, -200, 0}), Shape.of(1, 3));
    Tensor target = pass.tensor(FloatBuffer.wrap(new float[] {1, 1, 0.5f}), Shape.of(1, 3));
    assertEquals(
        (0 + 200 + Math.log(2)) / 3, new BCEWithLogitsLoss().apply(x, target).item(), 1e-4);
  }

  @Test
  void labelsBecomeWhatALossTakes() {
    IntBuffer numbers = IntBuffer.wrap(new int[] {1, 0});
    Batch batch = new Batch(Shape.of(2, 1), FloatBuffer.allocate(2), numbers);
    assertEquals(DType.I32, new CrossEntropyLoss().target(pass, batch, 3).dtype());
    for (Loss loss : List.of(new MSELoss(), new BCEWithLogitsLoss())) {
      float[] oneHot = {0, 1, 0, 1, 0, 0};
      assertArrayEquals(oneHot, loss.target(pass, batch, 3).toArray());
      numbers.put(1, 2); // the memory of a batch is used again
      oneHot = new float[] {0, 1, 0, 0, 0, 1};
      assertArrayEquals(oneHot, loss.target(pass, batch, 3).toArray());
      assertMessage("Label 1 of the batch is 2", () -> loss.target(pass, batch, 2));
      numbers.put(1, 0);
    }
    FloatBuffer mixed = FloatBuffer.wrap(new float[] {0.5f, 0.5f, 1, 0});
    Batch soft = new Batch(Shape.of(2, 1), FloatBuffer.allocate(2), numbers, mixed);
    assertArrayEquals(mixed.array(), new MSELoss().target(pass, soft, 2).toArray());
  }

  @Test
  void misfitsAreExplained() {
    Tensor x = logits();
    assertMessage("labels [2]", () -> new CrossEntropyLoss().apply(x, labels(1, 0, 2)));
    assertMessage(
        "2 class weights", () -> new CrossEntropyLoss().classWeights(1, 2).apply(x, labels(1, 0)));
    assertMessage("class numbers", () -> new FocalLoss().apply(x, x));
    assertMessage("shaped like the output", () -> new MSELoss().apply(x, labels(1, 0)));
    assertMessage("class weight is -1.0", () -> new CrossEntropyLoss().classWeights(1, -1, 0));
    assertMessage("smoothing is 1.0", () -> new CrossEntropyLoss().labelSmoothing(1));
    assertMessage("focal exponent", () -> new FocalLoss(-1));
  }

  private static void assertMessage(String part, org.junit.jupiter.api.function.Executable call) {
    String message = assertThrows(GradusException.class, call).getMessage();
    assertTrue(
        message
            .toLowerCase(java.util.Locale.ROOT)
            .contains(part.toLowerCase(java.util.Locale.ROOT)),
        message);
  }

  /** A step in any direction makes it more. */
  private void assertBest(Loss loss, float... target) {
    double least = of(loss, loss.bestOutput(target), target);
    for (int i = 0; i < target.length; i++) {
      for (float step : new float[] {-0.1f, 0.1f}) {
        float[] other = loss.bestOutput(target);
        other[i] += step;
        assertTrue(of(loss, other, target) > least, loss.getClass().getSimpleName());
      }
    }
  }

  private double of(Loss loss, float[] output, float[] target) {
    Shape shape = Shape.of(1, target.length);
    return loss.apply(
            pass.tensor(FloatBuffer.wrap(output), shape),
            pass.tensor(FloatBuffer.wrap(target), shape))
        .item();
  }

  @Test
  void theBestOutputMakesTheLossLeast() {
    for (float[] target : new float[][] {{0.2f, 0.7f, 0.1f}, {0.9f, 0.05f, 0.05f}}) {
      assertBest(new CrossEntropyLoss(), target);
      assertBest(new CrossEntropyLoss().labelSmoothing(0.2).classWeights(1, 5, 2), target);
      assertBest(new MSELoss(), target);
      assertBest(new BCEWithLogitsLoss(), target);
    }
    assertBest(new CrossEntropyLoss().labelSmoothing(0.2), 0, 1, 0);
  }

  @Test
  void theLeastIsTheEntropyOfTheSmoothedTarget() {
    double sure = 0.8 + 0.2 / 3;
    double rest = 0.2 / 3;
    double entropy = -sure * Math.log(sure) - 2 * rest * Math.log(rest);
    float[] target = {0, 0, 1};
    CrossEntropyLoss smoothed = new CrossEntropyLoss().labelSmoothing(0.2);
    assertEquals(entropy, of(smoothed, smoothed.bestOutput(target), target), 1e-6);
    for (Loss loss : List.of(new CrossEntropyLoss(), new MSELoss(), new BCEWithLogitsLoss())) {
      assertEquals(0, of(loss, loss.bestOutput(target), target), 1e-6);
    }
    float[] sureOfTheLast = new FocalLoss().bestOutput(target);
    Tensor output = pass.tensor(FloatBuffer.wrap(sureOfTheLast), Shape.of(1, 3));
    assertEquals(0, new FocalLoss().apply(output, labels(2)).item(), 1e-6);
  }
}
