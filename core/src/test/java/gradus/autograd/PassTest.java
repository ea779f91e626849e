package gradus.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.autograd.op.ActivationOp;
import gradus.autograd.op.AddOp;
import gradus.backend.Arrival;
import gradus.backend.Backend;
import gradus.backend.Backends;
import gradus.backend.Buffer;
import gradus.backend.spec.Activation;
import gradus.layer.Conv2d;
import gradus.layer.Flatten;
import gradus.layer.Linear;
import gradus.layer.MaxPool2d;
import gradus.layer.Model;
import gradus.layer.ReLU;
import gradus.layer.Sequential;
import gradus.loss.CrossEntropyLoss;
import gradus.loss.MSELoss;
import gradus.tensor.Batch;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PassTest {
  private Backend backend;

  @BeforeEach
  void open() {
    backend = Backends.named("reference");
  }

  @AfterEach
  void close() {
    assertEquals(0, backend.pool().lent(), "every buffer is back in the pool");
    backend.close();
  }

  private static Batch batch(int n) {
    FloatBuffer images = FloatBuffer.allocate(n * 64);
    for (int i = 0; i < images.capacity(); i++) {
      images.put(i, (float) Math.sin(i * 0.7));
    }
    IntBuffer labels = IntBuffer.allocate(n);
    for (int i = 0; i < n; i++) {
      labels.put(i, i % 3);
    }
    return new Batch(Shape.of(n, 1, 8, 8), images, labels);
  }

  private Model model() {
    return Model.build(
        backend,
        new Sequential(
            new Conv2d(4, 3),
            new ReLU(),
            new MaxPool2d(2),
            new Flatten(),
            new Linear(8),
            new ReLU(),
            new Linear(3)),
        Shape.of(1, 8, 8),
        7);
  }

  @Test
  void targetsAreTheLabelsUnlessTheBatchBringsSome() {
    Batch hard = batch(2);
    FloatBuffer shares = FloatBuffer.wrap(new float[] {0.25f, 0.75f, 0, 0, 1, 0});
    Batch soft = new Batch(hard.shape(), hard.images(), hard.labels(), shares);
    try (Pass pass = Pass.training(backend)) {
      assertEquals(Shape.of(2), pass.targets(hard).shape());
      Tensor targets = pass.targets(soft);
      assertEquals(Shape.of(2, 3), targets.shape());
      assertArrayEquals(shares.array(), targets.toArray());
      assertEquals(Shape.of(2), pass.labels(soft).shape());
    }
    FloatBuffer uneven = FloatBuffer.allocate(5);
    assertThrows(
        GradusException.class, () -> new Batch(hard.shape(), hard.images(), hard.labels(), uneven));
  }

  @Test
  void anArrayReadLaterIsThatOfItsTensor() {
    Arrival arrival;
    float[] later = new float[4];
    float[] now;
    try (Pass pass = Pass.evaluating(backend)) {
      Tensor tensor = pass.tensor(FloatBuffer.wrap(new float[] {1, -2, 3, -4}), Shape.of(2, 2));
      now = tensor.toArray();
      arrival = tensor.toArrayLater(later);
      assertThrows(IllegalArgumentException.class, () -> tensor.toArrayLater(new float[5]));
    }
    arrival.await();
    assertArrayEquals(now, later);
    assertEquals(-4, later[3]);
  }

  @Test
  void aTensorCannotBeUsedAfterItsPass() {
    Tensor images;
    try (Pass pass = Pass.evaluating(backend)) {
      images = pass.images(batch(2));
    }
    assertTrue(
        assertThrows(IllegalStateException.class, images::buffer)
            .getMessage()
            .contains("its pass has closed"));
  }

  @Test
  void twoPassesCannotBeMixed() {
    try (Pass first = Pass.evaluating(backend);
        Pass second = Pass.evaluating(backend)) {
      Tensor a = first.images(batch(2));
      Tensor b = second.images(batch(2));
      String message =
          assertThrows(IllegalStateException.class, () -> AddOp.apply(false, a, b)).getMessage();
      assertTrue(message.contains("belongs to another pass"), message);
    }
  }

  @Test
  void backwardNeedsATrainingPassAndRunsOnce() {
    try (Model model = model()) {
      try (Pass pass = Pass.evaluating(backend)) {
        Tensor loss = loss(model, pass);
        String message =
            assertThrows(IllegalStateException.class, () -> pass.backward(loss)).getMessage();
        assertTrue(message.contains("Pass.training"), message);
      }
      try (Pass pass = Pass.training(backend)) {
        Tensor loss = loss(model, pass);
        pass.backward(loss);
        assertThrows(IllegalStateException.class, () -> pass.backward(loss));
      }
    }
  }

  @Test
  void backwardStartsFromOneNumber() {
    try (Model model = model();
        Pass pass = Pass.training(backend)) {
      Tensor logits = model.forward(pass.images(batch(2)));
      assertThrows(IllegalStateException.class, () -> pass.backward(logits));
    }
  }

  @Test
  void activationsAreGoneAfterBackwardUnlessKept() {
    try (Model model = model();
        Pass pass = Pass.training(backend)) {
      Tensor gone = model.forward(pass.images(batch(2)));
      Tensor kept = model.forward(pass.images(batch(2))).keep();
      Tensor loss = AddOp.apply(false, lossOf(gone, pass), lossOf(kept, pass));
      float before = loss.item();
      pass.backward(loss);
      assertEquals(before, loss.item(), "the loss stays readable");
      assertEquals(6, kept.toArray().length);
      String message = assertThrows(IllegalStateException.class, gone::toArray).getMessage();
      assertTrue(message.contains("keep()"), message);
    }
  }

  @Test
  void aStepWithoutBackwardLeaksNothing() {
    try (Model model = model();
        Pass pass = Pass.training(backend)) {
      assertTrue(Float.isFinite(loss(model, pass).item()));
    } // close() of the test checks the pool
  }

  @Test
  void theSecondStepAllocatesNothing() {
    try (Model model = model()) {
      step(model);
      long afterFirst = backend.memory().liveBytes();
      for (int i = 0; i < 5; i++) {
        step(model);
      }
      assertEquals(afterFirst, backend.memory().liveBytes());
    }
  }

  @Test
  void gradientsAddUpUntilTheyAreUsed() {
    try (Model model = model()) {
      step(model);
      float[] once = model.parameters().named("4.weight").readGradient();
      step(model);
      float[] twice = model.parameters().named("4.weight").readGradient();
      for (int i = 0; i < once.length; i++) {
        assertEquals(2 * once[i], twice[i], 1e-6f);
      }
      model.parameters().forEach(gradus.layer.Parameter::gradientUsed);
      step(model);
      assertArrayEquals(once, model.parameters().named("4.weight").readGradient());
    }
  }

  @Test
  void aScaledLossScalesTheGradients() {
    try (Model model = model()) {
      step(model);
      float[] plain = model.parameters().named("0.weight").readGradient();
      model.parameters().forEach(gradus.layer.Parameter::gradientUsed);
      try (Pass pass = Pass.training(backend)) {
        pass.backward(loss(model, pass), 0.25f);
      }
      float[] scaled = model.parameters().named("0.weight").readGradient();
      for (int i = 0; i < plain.length; i++) {
        assertEquals(0.25f * plain[i], scaled[i], 1e-6f);
      }
    }
  }

  @Test
  void aTensorUsedTwiceGetsBothGradients() {
    try (Pass pass = Pass.training(backend)) {
      Shape shape = Shape.of(1, 2);
      Tensor x = pass.tensor(FloatBuffer.wrap(new float[] {3, -4}), shape).requireGradient();
      Tensor twice = AddOp.apply(false, x, x);
      Tensor zero = pass.tensor(FloatBuffer.wrap(new float[] {0, 0}), shape);
      pass.backward(new MSELoss().apply(twice, zero)); // mean (2x)^2, gradient 8x/2
      assertArrayEquals(new float[] {12, -16}, x.gradientArray(), 1e-5f);
    }
  }

  @Test
  void theGradientOfTheImagesCanBeHad() {
    try (Model model = model();
        Pass pass = Pass.training(backend)) {
      Tensor images = pass.images(batch(2)).requireGradient();
      pass.backward(lossOf(model.forward(images), pass));
      float[] gradient = images.gradientArray();
      assertEquals(128, gradient.length);
      assertNotEquals(0, gradient[9]);
    }
  }

  @Test
  void evaluationRecordsNothing() {
    try (Pass pass = Pass.evaluating(backend)) {
      Tensor x = pass.images(batch(2)).requireGradient();
      Tensor y = ActivationOp.apply(Activation.RELU, x);
      assertEquals(false, y.wantsGradient());
    }
  }

  @Test
  void unlabelledBatchesCanBePredictedButNotTrainedOn() {
    Batch labelled = batch(2);
    Batch unlabelled = new Batch(labelled.shape(), labelled.images(), null);
    try (Pass pass = Pass.training(backend)) {
      pass.images(unlabelled);
      assertThrows(IllegalStateException.class, () -> pass.labels(unlabelled));
    }
  }

  @Test
  void theRandomStreamFollowsTheSeed() {
    try (Pass a = Pass.training(backend, 5);
        Pass b = Pass.training(backend, 5);
        Pass c = Pass.training(backend, 6)) {
      int first = a.nextSeed();
      assertEquals(first, b.nextSeed());
      assertNotEquals(first, c.nextSeed());
      assertNotEquals(first, a.nextSeed());
    }
  }

  private Tensor loss(Model model, Pass pass) {
    return lossOf(model.forward(pass.images(batch(2))), pass);
  }

  private static Tensor lossOf(Tensor logits, Pass pass) {
    return new CrossEntropyLoss().apply(logits, pass.labels(batch(2)));
  }

  private void step(Model model) {
    try (Pass pass = Pass.training(backend)) {
      pass.backward(loss(model, pass));
    }
  }

  @Test
  void keepHoldsThroughAView() {
    try (Pass pass = Pass.evaluating(backend)) {
      Tensor images = pass.images(batch(2)).keep();
      Tensor view = images.reshape(Shape.of(2, 64));
      pass.releaseEarly(view, pass.allocate(Shape.of(2, 3)));
      assertEquals(128, images.toArray().length);
    }
  }

  @Test
  void anOpThatFailsInBackwardLosesNoMemory() {
    try (Pass pass = Pass.training(backend)) {
      Tensor y = pass.allocate(Shape.SCALAR, DType.F32, Placement.DENSE);
      pass.record(new FailingOp(pass), y);
      assertThrows(ArithmeticException.class, () -> pass.backward(y));
    }
    assertEquals(0, backend.pool().lent());
  }

  @Test
  void anOpThatFailsInForwardLosesNoMemory() {
    try (Pass pass = Pass.training(backend)) {
      pass.takeBuffer(DType.F32, 64); // as an op does before the kernel that throws
      Buffer given = pass.takeBuffer(DType.F32, 64);
      pass.takeBuffer(DType.F32, 128);
      pass.giveBack(given);
    }
    assertEquals(0, backend.pool().lent());
  }

  @Test
  void twoThreadsCannotShareABackendWhileAPassIsOpen() throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    try (Pass pass = Pass.training(backend)) {
      pass.images(batch(2));
      Thread other =
          new Thread(
              () -> {
                try (Pass second = Pass.evaluating(backend)) {
                  second.images(batch(2));
                } catch (IllegalStateException expected) {
                  thrown.set(expected);
                }
              });
      other.start();
      other.join();
      assertTrue(thrown.get().getMessage().contains("open a backend for each"), "" + thrown.get());
      pass.images(batch(2)); // goes on undisturbed
    }
  }

  @Test
  void aBackendCanBeUsedByOneThreadAfterTheOther() throws InterruptedException {
    try (Pass pass = Pass.training(backend)) {
      pass.images(batch(2));
    }
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread other =
        new Thread(
            () -> {
              try (Pass pass = Pass.evaluating(backend)) {
                pass.images(batch(2));
              }
            });
    other.setUncaughtExceptionHandler((thread, failure) -> thrown.set(failure));
    other.start();
    other.join();
    assertNull(thrown.get());
  }

  /** Saves something, and fails before it can give it back. */
  private static final class FailingOp extends Op {
    private Buffer saved;

    FailingOp(Pass pass) {
      saved = pass.takeBuffer(DType.F32, 64);
    }

    @Override
    protected void backward(Pass pass, Tensor output) {
      throw new ArithmeticException("on purpose");
    }

    @Override
    protected void release(Pass pass) {
      pass.giveBack(saved);
      saved = null;
    }
  }

  @Test
  void explainingLeavesTheModelAsItIs() {
    try (Model model = model()) {
      float[] before = model.parameters().state().get(0).read();
      try (Pass pass = Pass.explaining(backend)) {
        assertFalse(pass.isTraining());
        Tensor images = pass.images(batch(2)).requireGradient();
        Tensor logits = model.forward(images);
        pass.backward(logits, new float[] {0, 1, 0, 0, 0, 0});
        float[] gradient = images.gradientArray();
        assertTrue(sumOfMagnitudes(gradient, 0, 64) > 0, "of the first image, whose logit it is");
        assertEquals(0, sumOfMagnitudes(gradient, 64, 128), "of the second one");
      }
      model
          .parameters()
          .forEach(parameter -> assertFalse(parameter.hasGradient(), parameter.name()));
      assertArrayEquals(before, model.parameters().state().get(0).read());
    }
  }

  @Test
  void anIntermediateGradientCanBeRetained() {
    try (Pass pass = Pass.explaining(backend)) {
      Tensor x = pass.tensor(FloatBuffer.wrap(new float[] {1, -2, 3}), Shape.of(1, 3));
      x.requireGradient();
      Tensor relu = ActivationOp.apply(Activation.RELU, x).retainGradient();
      Tensor sum = AddOp.apply(true, relu, relu); // its backward overwrites and hands on gradients
      pass.backward(sum, new float[] {5, 7, 11});
      assertArrayEquals(new float[] {10, 0, 22}, relu.gradientArray());
      assertArrayEquals(new float[] {10, 0, 22}, x.gradientArray());
    }
  }

  @Test
  void aGradientMustFitTheTensor() {
    try (Pass pass = Pass.explaining(backend)) {
      Tensor x = pass.tensor(FloatBuffer.allocate(3), Shape.of(1, 3)).requireGradient();
      Tensor y = ActivationOp.apply(Activation.RELU, x);
      assertTrue(
          assertThrows(GradusException.class, () -> pass.backward(y, new float[2]))
              .getMessage()
              .contains("3 numbers, but 2"));
    }
    try (Pass pass = Pass.evaluating(backend)) {
      Tensor x = pass.tensor(FloatBuffer.allocate(3), Shape.of(1, 3));
      assertThrows(IllegalStateException.class, () -> pass.backward(x, new float[3]));
    }
  }

  private static double sumOfMagnitudes(float[] values, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += Math.abs(values[i]);
    }
    return sum;
  }
}
