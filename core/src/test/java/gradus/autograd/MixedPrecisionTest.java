package gradus.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.autograd.op.ActivationOp;
import gradus.autograd.op.AddOp;
import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.backend.checked.CheckedBackend;
import gradus.backend.reference.ReferenceBackend;
import gradus.backend.spec.Activation;
import gradus.layer.BatchNorm2d;
import gradus.layer.Conv2d;
import gradus.layer.Flatten;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.Model;
import gradus.layer.ReLU;
import gradus.layer.Residual;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.tensor.Batch;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Precision;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MixedPrecisionTest {
  private static final Shape SHAPE = Shape.of(2, 3);

  /** Only the first and the last are bfloat16 numbers. */
  private static final float[] VALUES = {1.5f, 1.001f, -0.3f, 2.7182817f, 1e-3f, 0};

  private static final float[] ROUNDED = {1.5f, 1, -0.30078125f, 2.71875f, 0x1.06p-10f, 0};

  private Backend backend;

  @BeforeEach
  void open() {
    backend = new CheckedBackend(new ReferenceBackend());
  }

  @AfterEach
  void close() {
    assertEquals(0, backend.pool().lent(), "every buffer is back in the pool");
    backend.close();
  }

  private Pass pass() {
    return Pass.training(backend).withPrecision(Precision.BF16);
  }

  private static Tensor relu(Tensor x) {
    return ActivationOp.apply(Activation.RELU, x);
  }

  @Test
  void anInputIsRoundedWhereAnOpReadsItAndNotBefore() {
    try (Pass pass = pass()) {
      Tensor x = pass.tensor(FloatBuffer.wrap(VALUES), SHAPE);
      assertArrayEquals(VALUES, x.toArray());
      relu(x);
      assertArrayEquals(ROUNDED, x.toArray());
    }
  }

  @Test
  void onlyThePackedValuesOfWhatNoPresentOpReadsAreKept() {
    try (Pass pass = pass()) {
      Tensor x = pass.tensor(FloatBuffer.wrap(VALUES), SHAPE).requireGradient();
      Tensor y = relu(x);
      int lent = backend.pool().lent();
      assertEquals(3, lent, "x in float32 and packed, and y");
      Tensor z = relu(y);
      assertEquals(4, backend.pool().lent(), "x packed, y in both, and z");
      assertEquals(DType.BF16, x.packed().dtype());
      assertArrayEquals(ROUNDED, x.toArray(), "expanded when asked for");
      assertEquals(5, backend.pool().lent());
      AddOp.apply(false, x, z);
      assertEquals(6, backend.pool().lent(), "x and z in both, y packed, and the sum");
    }
  }

  @Test
  void aLossReadsItsInputUnrounded() {
    try (Pass pass = pass();
        Pass exact = Pass.training(backend)) {
      IntBuffer labels = IntBuffer.wrap(new int[] {0, 2});
      Batch batch = new Batch(Shape.of(2, 1, 1, 3), FloatBuffer.wrap(VALUES), labels);
      float[] losses = new float[2];
      for (int i = 0; i < 2; i++) {
        Pass of = i == 0 ? pass : exact;
        Tensor logits = of.tensor(FloatBuffer.wrap(VALUES), SHAPE).requireGradient();
        losses[i] = new CrossEntropyLoss().apply(logits, of.labels(batch)).item();
        assertArrayEquals(VALUES, logits.toArray());
      }
      assertEquals(losses[1], losses[0]);
    }
  }

  @Test
  void productsAreThoseOfRoundedFactorsAndWeightsStayAsTheyAre() {
    float[] plain = gradients(Precision.FP32);
    float[] mixed = gradients(Precision.BF16);
    double difference = 0;
    double size = 0;
    for (int i = 0; i < plain.length; i++) {
      difference += Math.pow(plain[i] - mixed[i], 2);
      size += Math.pow(plain[i], 2);
    }
    double relative = Math.sqrt(difference / size);
    assertTrue(relative > 1e-4, "something was rounded: " + relative);
    assertTrue(relative < 2e-2, "by no more than bfloat16 rounds: " + relative);
  }

  private float[] gradients(Precision precision) {
    Layer body =
        new Sequential(new Conv2d(4, 3).padding(1), new ReLU(), new Conv2d(4, 3).padding(1));
    Layer network =
        new Sequential(
            new Conv2d(4, 3), new Residual(body), new ReLU(), new Flatten(), new Linear(3));
    FloatBuffer images = FloatBuffer.allocate(8 * 64);
    for (int i = 0; i < images.capacity(); i++) {
      images.put(i, (float) Math.sin(i * 0.7));
    }
    Batch batch =
        new Batch(Shape.of(8, 1, 8, 8), images, IntBuffer.wrap(new int[] {0, 1, 2, 0, 1, 2, 0, 1}));
    try (Model model = Model.build(backend, network, Shape.of(1, 8, 8), 7)) {
      float[] before = model.state().get(0).read();
      try (Pass pass = Pass.training(backend).withPrecision(precision)) {
        pass.backward(
            new CrossEntropyLoss().apply(model.forward(pass.images(batch)), pass.labels(batch)));
      }
      assertArrayEquals(before, model.state().get(0).read());
      int count = Math.toIntExact(model.parameters().gradients().elements());
      FloatBuffer all = FloatBuffer.allocate(count);
      backend
          .memory()
          .copyOut(model.parameters().gradients(), Shape.of(count), Placement.DENSE, all);
      return all.array();
    }
  }

  @Test
  void gradientsOfOtherOpsStayFloat32() {
    try (Pass pass = pass()) {
      Tensor x = pass.tensor(FloatBuffer.wrap(VALUES), SHAPE).requireGradient();
      Tensor y = relu(x);
      pass.backward(y, new float[] {1.001f, 2, 3, 4, 5, 6});
      assertArrayEquals(new float[] {1.001f, 2, 0, 4, 5, 0}, x.gradientArray());
      assertNotEquals(0, backend.pool().lent());
    }
  }

  @Test
  void gradientsOfBatchNormsAndConvolutionsLieInBfloat16() {
    Layer network =
        new Sequential(new Conv2d(4, 3).withoutBias(), new BatchNorm2d(), new Conv2d(2, 1));
    try (Model model = Model.build(backend, network, Shape.of(1, 5, 5), 7);
        Pass pass = pass()) {
      FloatBuffer images = FloatBuffer.allocate(2 * 25);
      for (int i = 0; i < images.capacity(); i++) {
        images.put(i, (float) Math.sin(i * 0.7));
      }
      Tensor x = pass.tensor(images, Shape.of(2, 1, 5, 5)).requireGradient();
      Tensor y = model.forward(x);
      assertTrue(y.hasRoundedGradient(), "of a convolution's result");
      float[] gradient = new float[Math.toIntExact(y.shape().size())];
      Arrays.fill(gradient, 1.001f);
      gradient[0] = 3;
      pass.backward(y, gradient);
      assertFalse(x.hasRoundedGradient(), "images were made by no op that reads it so");
      assertEquals(DType.F32, x.gradient().dtype());
    }
  }

  /** An op that knows float32 alone writes some, another adds to it: nothing is lost or doubled. */
  @Test
  void aGradientThatLiesInBfloat16IsExpandedForOpsThatReadFloats() {
    try (Pass pass = pass()) {
      Tensor y = pass.allocateStored(Shape.of(2, 3, 1, 1));
      Buffer rounded = y.storedGradient();
      assertEquals(DType.BF16, rounded.dtype());
      assertEquals(0, y.gradientBeta());
      FloatBuffer values = FloatBuffer.wrap(VALUES);
      Buffer exact = pass.takeBuffer(y.shape(), DType.F32, Placement.BATCH);
      backend.memory().copyIn(values, exact, y.shape(), Placement.BATCH);
      backend.math().round(exact, null, rounded);
      Buffer given = pass.takeBuffer(y.shape(), DType.F32, Placement.BATCH);
      backend.memory().copyIn(FloatBuffer.wrap(VALUES), given, y.shape(), Placement.BATCH);
      assertFalse(y.giveFirstGradient(given), "there is one");
      y.giveGradient(given);
      assertEquals(DType.F32, y.storedGradient().dtype(), "once it is wide it stays so");
      float[] sums = new float[VALUES.length];
      for (int i = 0; i < sums.length; i++) {
        sums[i] = ROUNDED[i] + VALUES[i];
      }
      assertArrayEquals(sums, y.gradientArray());
    }
  }

  @Test
  void aFirstGradientIsTakenOverOnlyInTheTypeItIsKeptIn() {
    try (Pass pass = pass()) {
      Tensor y = pass.allocateStored(SHAPE);
      Buffer wide = pass.takeBuffer(SHAPE, DType.F32, Placement.BATCH);
      assertFalse(y.giveFirstGradient(wide));
      Buffer half = pass.takeBuffer(SHAPE, DType.BF16, Placement.BATCH);
      assertTrue(y.giveFirstGradient(half));
      assertSame(half, y.takeStoredGradient());
    }
  }

  @Test
  void inFloat32NoGradientIsRounded() {
    try (Pass pass = Pass.training(backend)) {
      assertFalse(pass.allocateStored(SHAPE).hasRoundedGradient());
    }
  }

  @Test
  void aPrecisionIsChosenFirstAndForTrainingAlone() {
    try (Pass pass = Pass.training(backend);
        Pass evaluating = Pass.evaluating(backend)) {
      pass.tensor(FloatBuffer.wrap(VALUES), SHAPE);
      assertThrows(IllegalStateException.class, () -> pass.withPrecision(Precision.BF16));
      assertThrows(IllegalStateException.class, () -> evaluating.withPrecision(Precision.BF16));
    }
  }
}
