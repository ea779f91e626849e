package gradus.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.autograd.Pass;
import gradus.backend.Backend;
import gradus.backend.checked.CheckedBackend;
import gradus.backend.reference.ReferenceBackend;
import gradus.layer.Conv2d;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.Parameter;
import gradus.layer.Sequential;
import gradus.loss.MSELoss;
import gradus.tensor.Placement;
import gradus.tensor.Precision;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GradScalerTest {
  private Backend backend;
  private Model model;
  private Parameter weight;
  private GradScaler scaler;

  @BeforeEach
  void open() {
    backend = new CheckedBackend(new ReferenceBackend());
    model =
        Model.build(
            backend,
            new Sequential()
                .add("a", new Conv2d(2, 1))
                .add("pool", new MaxPool2d(2))
                .add("b", new Linear(2)),
            Shape.of(1, 2, 2),
            1);
    weight = model.parameters().named("a.weight");
    scaler = new GradScaler(model.parameters());
  }

  @AfterEach
  void close() {
    model.close();
    assertEquals(0, backend.pool().lent());
    backend.pool().trim();
    assertEquals(0, backend.memory().liveBytes());
    backend.close();
  }

  private void backward(Precision precision, float scale) {
    try (Pass pass = Pass.training(backend).withPrecision(precision)) {
      var x = pass.tensor(FloatBuffer.wrap(new float[] {1, -2, 3, 0.5f}), Shape.of(1, 1, 2, 2));
      var target = pass.tensor(FloatBuffer.wrap(new float[] {1, 2}), Shape.of(1, 2));
      pass.backward(new MSELoss().apply(model.forward(x), target), scale);
    }
  }

  /** An update whose gradients are all this number. */
  private boolean update(float gradient) {
    for (Parameter parameter : model.parameters()) {
      set(parameter, gradient);
      parameter.gradientBeta();
    }
    assertTrue(scaler.scale() >= 1);
    boolean finite = scaler.unscale();
    model.parameters().forgetGradients();
    return finite;
  }

  private void set(Parameter parameter, float gradient) {
    float[] values = new float[(int) parameter.shape().size()];
    Arrays.fill(values, gradient);
    backend
        .memory()
        .copyIn(FloatBuffer.wrap(values), parameter.gradient(), parameter.shape(), Placement.DENSE);
  }

  @Test
  void beginsLikePyTorch() {
    assertEquals(65536, scaler.scale());
    assertEquals(new GradScaler.State(65536, 0), scaler.state());
    assertEquals(0, scaler.skipped());
  }

  @Test
  void unscaledGradientsHaveTheBitsOfThoseThatNeverWereScaled() {
    backward(Precision.FP32, 1);
    float[] expected = weight.readGradient();
    model.parameters().forEach(Parameter::gradientUsed);
    backward(Precision.FP32, scaler.scale());
    assertTrue(scaler.unscale());
    assertArrayEquals(expected, weight.readGradient());
    assertEquals(new GradScaler.State(65536, 1), scaler.state());
  }

  @Test
  void aGradientTooSmallForFloat16ArrivesWhenItIsScaled() {
    Parameter last = model.parameters().named("b.weight");
    float[] small = new float[(int) last.shape().size()];
    for (int i = 0; i < small.length; i++) {
      small[i] = 1e-9f * (1 + i);
    }
    last.write(small);
    backward(Precision.FP32, 1);
    float[] expected = weight.readGradient();
    model.parameters().forEach(Parameter::gradientUsed);
    backward(Precision.FP16, 1);
    assertArrayEquals(new float[expected.length], weight.readGradient(), "as float16 has it");
    model.parameters().forEach(Parameter::gradientUsed);
    backward(Precision.FP16, scaler.scale());
    assertTrue(scaler.unscale());
    for (int i = 0; i < expected.length; i++) {
      assertEquals(
          expected[i], weight.readGradient()[i], 0.05 * Math.abs(expected[i]), "element " + i);
    }
  }

  @Test
  void anOverflowHalvesTheScale() {
    assertFalse(update(Float.POSITIVE_INFINITY));
    assertEquals(32768, scaler.scale());
    assertFalse(update(Float.NaN));
    assertEquals(16384, scaler.scale());
    assertTrue(update(1e9f), "beyond float16, but gradients of weights are float32");
    assertEquals(16384, scaler.scale());
    assertEquals(2, scaler.skipped());
  }

  @Test
  void enoughGoodUpdatesInARowDoubleTheScale() {
    scaler.growthInterval(3);
    update(1);
    update(1);
    update(Float.POSITIVE_INFINITY);
    update(1);
    update(1);
    assertEquals(new GradScaler.State(32768, 2), scaler.state());
    update(1);
    assertEquals(new GradScaler.State(65536, 0), scaler.state());
  }

  @Test
  void twoThousandAreEnough() {
    scaler.restore(new GradScaler.State(4, 1998));
    update(1);
    assertEquals(4, scaler.scale());
    update(1);
    assertEquals(8, scaler.scale());
  }

  @Test
  void staysFromOneToTwoToThe24th() {
    scaler.restore(new GradScaler.State(1.5f, 7));
    assertFalse(update(Float.NaN));
    assertEquals(new GradScaler.State(1, 0), scaler.state());
    assertFalse(update(Float.NaN), "it is left out nevertheless");
    assertEquals(1, scaler.scale());
    scaler.growthInterval(1).restore(new GradScaler.State(1 << 23, 0));
    update(1);
    assertEquals(1 << 24, scaler.scale());
    update(1);
    assertEquals(1 << 24, scaler.scale());
  }

  @Test
  void whatFrozenAndUnreachedParametersHoldDoesNotCount() {
    backward(Precision.FP32, scaler.scale());
    weight.setFrozen(true);
    set(weight, Float.POSITIVE_INFINITY);
    Parameter unreached = model.parameters().named("b.bias");
    unreached.gradientUsed();
    set(unreached, Float.NaN);
    float[] before = model.parameters().named("b.weight").readGradient();
    assertTrue(scaler.unscale());
    assertEquals(before[0] / 65536, model.parameters().named("b.weight").readGradient()[0]);
    weight.setFrozen(false);
    assertEquals(65536, scaler.scale());
    assertFalse(scaler.unscale(), "now it counts");
  }

  @Test
  void stepsOrForgetsTheGradients() {
    try (Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).build()) {
      float[] before = weight.read();
      backward(Precision.FP32, Float.POSITIVE_INFINITY);
      assertFalse(scaler.step(optimizer));
      assertArrayEquals(before, weight.read());
      assertFalse(weight.hasGradient(), "the next backward begins anew");
      backward(Precision.FP32, scaler.scale());
      float gradient = weight.readGradient()[0] / 32768;
      assertTrue(scaler.step(optimizer));
      assertEquals(before[0] - 0.1f * gradient, weight.read()[0], 1e-6);
      assertEquals(1, optimizer.steps());
    }
  }

  /** As in PyTorch: unscale, clip, and step of the scaler, not of the optimizer. */
  @Test
  void aStepAfterClippingUnscalesNoSecondTime() {
    GradientClipping clipping = new GradientClipping(model.parameters(), 0.5);
    try (Optimizer optimizer = SGD.of(model.parameters()).learningRate(0.1).build()) {
      backward(Precision.FP32, scaler.scale());
      assertTrue(scaler.unscale());
      assertEquals(scaler.norm(), clipping.clip(scaler.norm()));
      assertTrue(scaler.norm() > 0.5);
      assertEquals(0.5, clipping.clip(), 1e-5);
      float[] gradient = weight.readGradient();
      float[] before = weight.read();
      assertTrue(scaler.step(optimizer));
      assertEquals(before[0] - 0.1f * gradient[0], weight.read()[0], 1e-7);
      assertEquals(1, scaler.state().goodUpdates(), "counted once");
      backward(Precision.FP32, Float.POSITIVE_INFINITY);
      assertFalse(scaler.step(optimizer), "what was unscaled before is another update's");
    }
  }

  @Test
  void unscalingTwiceIsRefused() {
    backward(Precision.FP32, scaler.scale());
    scaler.unscale();
    String message = assertThrows(IllegalStateException.class, () -> scaler.unscale()).getMessage();
    assertTrue(message.contains("ask for scale() before each backward"), message);
  }

  @Test
  void otherWeightsLookForTheirScaleAnew() {
    update(Float.NaN);
    scaler.restart();
    assertEquals(new GradScaler.State(65536, 0), scaler.state());
    assertEquals(1, scaler.skipped());
  }

  @Test
  void misuseIsRefused() {
    assertThrows(GradusException.class, () -> scaler.growthInterval(0));
    for (float bad : new float[] {0, 0.5f, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThrows(GradusException.class, () -> new GradScaler.State(bad, 0));
    }
    assertThrows(GradusException.class, () -> new GradScaler.State(1, -1));
    try (Model another = Model.build(backend, new Sequential(new Linear(1)), Shape.of(1), 1);
        Optimizer optimizer = SGD.of(another.parameters()).build()) {
      String message =
          assertThrows(GradusException.class, () -> scaler.step(optimizer)).getMessage();
      assertTrue(message.contains("another model"), message);
    }
  }
}
