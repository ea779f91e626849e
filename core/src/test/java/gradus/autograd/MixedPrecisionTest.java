package gradus.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import gradus.layer.Concat;
import gradus.layer.Conv2d;
import gradus.layer.Dropout;
import gradus.layer.Flatten;
import gradus.layer.GELU;
import gradus.layer.GroupNorm;
import gradus.layer.Layer;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
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
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MixedPrecisionTest {
  private static final Shape SHAPE = Shape.of(2, 3);
  private static final Shape MAPS = Shape.of(2, 3, 1, 1);

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
  void float16IsExacterAndEndsAt65504() {
    float[] values = {1.5f, 1.001f, 65520, -1e30f, 1e-8f, 3e-8f};
    float inf = Float.POSITIVE_INFINITY;
    try (Pass pass = Pass.training(backend).withPrecision(Precision.FP16)) {
      Tensor x = pass.tensor(FloatBuffer.wrap(values), SHAPE);
      relu(x);
      assertEquals(DType.F16, x.packed().dtype());
      assertArrayEquals(new float[] {1.5f, 1 + 0x1p-10f, inf, -inf, 0, 0x1p-24f}, x.toArray());
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

  /** A ReLU that tips over costs as much in either. */
  @Test
  void productsAreThoseOfRoundedFactorsAndWeightsStayAsTheyAre() {
    Supplier<Layer> maps =
        () ->
            new Sequential(
                new Conv2d(4, 3),
                new Residual(
                    new Sequential(
                        new Conv2d(4, 3).padding(1), new ReLU(), new Conv2d(4, 3).padding(1))),
                new ReLU());
    assertRounded(maps, Precision.BF16, 1);
    assertRounded(maps, Precision.FP16, 1);
  }

  /** A chain whose gradients are written over each other, and maps that two ops read. */
  @Test
  void gradientsOfActivationFunctionsAreRoundedAndNoneIsLost() {
    assertRounded(() -> new Sequential(new Conv2d(4, 3), new GELU(), new Conv2d(4, 3).padding(1)));
    assertRounded(
        () ->
            new Sequential(
                new Conv2d(4, 3),
                new Concat(
                    new Sequential(new GELU(), new Conv2d(3, 3).padding(1)), new Conv2d(2, 1))));
    assertRounded(
        () ->
            new Sequential(
                new Conv2d(4, 3),
                new Residual(new Sequential(new GELU(), new Conv2d(4, 3).padding(1)))));
    assertRounded(
        () -> new Sequential(new Conv2d(4, 3), new GELU(), new Dropout(0), new Conv2d(4, 1)));
  }

  /** A group norm reads and writes float32, between convolutions that do not. */
  @Test
  void aGroupNormTakesRoundedMapsAndGivesGradientsToThem() {
    assertRounded(
        () -> new Sequential(new Conv2d(4, 3), new GroupNorm(2), new ReLU(), new Conv2d(4, 1)));
    assertRounded(
        () ->
            new Sequential(
                new Conv2d(4, 3),
                new Residual(new Sequential(new GroupNorm(1), new Conv2d(4, 3).padding(1)))));
  }

  private void assertRounded(Supplier<Layer> maps) {
    assertRounded(maps, Precision.BF16, 1);
    assertRounded(maps, Precision.FP16, 0.125);
  }

  private void assertRounded(Supplier<Layer> maps, Precision precision, double part) {
    float[] plain = gradients(maps.get(), Precision.FP32);
    float[] mixed = gradients(maps.get(), precision);
    double difference = 0;
    double size = 0;
    for (int i = 0; i < plain.length; i++) {
      difference += Math.pow(plain[i] - mixed[i], 2);
      size += Math.pow(plain[i], 2);
    }
    double relative = Math.sqrt(difference / size);
    assertTrue(relative > part * 1e-4, "something was rounded: " + relative);
    assertTrue(relative < part * 2e-2, "by no more than " + precision + " rounds: " + relative);
  }

  private float[] gradients(Layer maps, Precision precision) {
    Layer network = new Sequential(maps, new Flatten(), new Linear(3));
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
      Tensor x = pass.tensor(FloatBuffer.wrap(VALUES), MAPS).requireGradient();
      Tensor sum = AddOp.apply(false, x, x).retainGradient();
      pass.backward(relu(sum), new float[] {1.001f, 2, 3, 4, 5, 6});
      assertArrayEquals(new float[] {1.001f, 2, 0, 4, 5, 0}, sum.gradientArray());
      assertArrayEquals(new float[] {2.002f, 4, 0, 8, 10, 0}, x.gradientArray());
    }
  }

  @Test
  void gradientsOfMapsLieRounded() {
    assertTrue(gradientsOfMapsAreRounded(Precision.BF16));
    assertTrue(gradientsOfMapsAreRounded(Precision.FP16));
    assertFalse(gradientsOfMapsAreRounded(Precision.FP32));
  }

  /** Of a convolution's result, a batch norm's, a max-pool's and a GELU's: all or, else, none. */
  private boolean gradientsOfMapsAreRounded(Precision precision) {
    Shape maps = Shape.of(4, 6, 6);
    try (Model convolution = Model.build(backend, new Conv2d(4, 3), Shape.of(1, 8, 8), 7);
        Model norm = Model.build(backend, new BatchNorm2d(), maps, 7);
        Model gelu = Model.build(backend, new GELU(), maps, 7);
        Model pool = Model.build(backend, new MaxPool2d(2), maps, 7);
        Model last = Model.build(backend, new Conv2d(2, 3), Shape.of(4, 3, 3), 7);
        Pass pass = Pass.training(backend).withPrecision(precision)) {
      FloatBuffer images = FloatBuffer.allocate(2 * 64);
      for (int i = 0; i < images.capacity(); i++) {
        images.put(i, (float) Math.sin(i * 0.7));
      }
      Tensor convolved = convolution.forward(pass.tensor(images, Shape.of(2, 1, 8, 8)));
      Tensor normed = norm.forward(convolved.retainGradient()).retainGradient();
      Tensor activated = gelu.forward(normed).retainGradient();
      Tensor pooled = pool.forward(activated).retainGradient();
      Tensor y = last.forward(pooled);
      pass.backward(y, new float[] {1.001f, 0.3f, -0.7f, 0.1f});
      int rounded = 0;
      for (Tensor tensor : List.of(convolved, normed, activated, pooled)) {
        rounded += isRounded(tensor.gradientArray(), precision) ? 1 : 0;
      }
      assertTrue(rounded == 0 || rounded == 4, "some are and some are not: " + rounded);
      return rounded > 0;
    }
  }

  private static boolean isRounded(float[] values, Precision precision) {
    int dropped = precision == Precision.FP16 ? 0x1fff : 0xffff; // bits
    boolean some = false;
    for (float value : values) {
      some |= value != 0;
      if ((Float.floatToRawIntBits(value) & dropped) != 0) {
        return false;
      }
    }
    assertTrue(some, "a gradient flows");
    return true;
  }

  /** Their slope near the ends is less than bfloat16 can tell y from 1. */
  @Test
  void sigmoidAndTanhOfMapsStayFloat32() {
    try (Pass pass = pass()) {
      Tensor x = pass.tensor(FloatBuffer.wrap(new float[] {8}), Shape.of(1, 1, 1, 1));
      x.requireGradient();
      for (Activation.Kind kind : List.of(Activation.Kind.SIGMOID, Activation.Kind.TANH)) {
        float y = ActivationOp.apply(new Activation(kind, 0), x).toArray()[0];
        assertTrue(y < 1, kind + " of 8 is " + y);
      }
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
