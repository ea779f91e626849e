package gradus.backend.checked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.backend.Buffer;
import gradus.backend.reference.ReferenceBackend;
import gradus.backend.spec.Activation;
import gradus.backend.spec.Conv2dSpec;
import gradus.backend.spec.CrossEntropySpec;
import gradus.backend.spec.SgdSpec;
import gradus.tensor.DType;
import gradus.tensor.Placement;
import gradus.tensor.Shape;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class CheckedBackendTest {
  private final CheckedBackend backend = new CheckedBackend(new ReferenceBackend());

  @Test
  void useAfterFreeNamesOpArgumentAndOrigin() {
    Buffer x = floats(4);
    backend.memory().free(x);
    assertRefused(
        () -> backend.math().scale(2, x),
        "scale",
        "argument y",
        "memory.free",
        "CheckedBackendTest");
  }

  @Test
  void useAfterReturnToThePoolIsNoticedEvenWhenTheMemoryLivesAgain() {
    Buffer old = backend.pool().take(DType.F32, 16);
    backend.pool().giveBack(old);
    Buffer young = backend.pool().take(DType.F32, 16);
    backend.math().fill(young, 1);
    assertRefused(() -> backend.math().fill(old, 2), "fill", "after its end", "pool.giveBack");
    assertEquals(1, read(young)[0]);
    backend.pool().giveBack(young);
  }

  @Test
  void givingBackTwiceIsRefused() {
    Buffer buffer = backend.pool().take(DType.F32, 16);
    backend.pool().giveBack(buffer);
    assertRefused(() -> backend.pool().giveBack(buffer), "pool.giveBack", "after its end");
  }

  @Test
  void aSliceDiesWithItsOwnerAndCannotBeFreed() {
    Buffer owner = floats(4);
    Buffer slice = backend.memory().slice(owner, 1, 2);
    assertRefused(() -> backend.memory().free(slice), "does not own");
    assertRefused(() -> backend.memory().slice(owner, 3, 2), "slice", "2 elements from 3");
    backend.memory().free(owner);
    assertRefused(() -> backend.math().scale(1, slice), "scale", "after its end");
  }

  @Test
  void freshAndRecycledMemoryIsNan() {
    Buffer buffer = backend.pool().take(DType.F32, 16);
    assertTrue(Float.isNaN(read(buffer)[3]));
    backend.math().fill(buffer, 1);
    backend.pool().giveBack(buffer);
    Buffer again = backend.pool().take(DType.F32, 16);
    assertTrue(Float.isNaN(read(again)[0]));
    backend.pool().giveBack(again);
    Buffer labels = backend.memory().allocate(DType.I32, 8);
    int[] values = new int[2];
    backend.memory().copyOut(labels, Shape.of(2), Placement.DENSE, IntBuffer.wrap(values));
    assertEquals(Integer.MIN_VALUE, values[1]);
    backend.memory().free(labels);
  }

  @Test
  void aWrongSizeIsRefusedWithBothNumbers() {
    Conv2dSpec spec = Conv2dSpec.of(2, 1, 4, 4, 3, 3, 1, 1);
    Buffer x = floats(spec.inputShape().size());
    Buffer w = floats(spec.weightShape().size());
    Buffer y = floats(spec.outputShape().size() + 1);
    assertRefused(
        () -> backend.nn().conv2d(spec, x, w, null, y), "conv2d", "argument y", "388", "384");
  }

  @Test
  void aWrongTypeIsRefused() {
    Buffer integers = backend.memory().allocate(DType.I32, 16);
    Buffer y = floats(4);
    assertRefused(() -> backend.math().add(y, integers, y), "add", "argument b", "I32", "F32");
    assertRefused(() -> backend.math().fill(integers, 0), "fill", "I32");
  }

  @Test
  void roundedGradientsNeedRoundedActivationsAndComeTogether() {
    Buffer x = floats(4);
    Buffer dx = floats(4);
    Buffer half = backend.memory().allocate(DType.BF16, 8);
    Buffer halfGradient = backend.memory().allocate(DType.BF16, 8);
    backend.math().fill(x, 1);
    backend.math().round(x, null, half);
    backend.math().activationBackward(Activation.RELU, half, half, x, halfGradient, 0);
    backend.math().activationBackward(Activation.RELU, half, half, halfGradient, halfGradient, 0);
    assertRefused(
        () -> backend.math().activationBackward(Activation.RELU, x, x, dx, halfGradient, 0),
        "activationBackward",
        "gradients may be rounded",
        "x is a");
    assertRefused(
        () -> backend.math().activationBackward(Activation.RELU, half, half, half, dx, 0),
        "gradients may be rounded");
    assertRefused(() -> backend.math().activation(Activation.RELU, x, half), "BF16", "F32");
    assertRefused(() -> backend.math().round(x, null, dx), "packed is a", "BF16 or F16");
    Buffer other = backend.memory().allocate(DType.F16, 8);
    assertRefused(
        () -> backend.math().activationBackward(Activation.RELU, half, half, x, other, 0),
        "dx holds F16, but x holds BF16",
        "a step rounds to one of them");
  }

  @Test
  void aMissingOrForeignBufferIsRefused() {
    Buffer y = floats(4);
    assertRefused(() -> backend.math().add(null, y, y), "add", "a is missing");
    try (ReferenceBackend other = new ReferenceBackend()) {
      Buffer foreign = other.memory().allocate(DType.F32, 16);
      assertRefused(() -> backend.math().add(foreign, y, y), "a belongs to another backend");
    }
  }

  @Test
  void aliasingIsRefusedExceptWhereAllowed() {
    Buffer x = floats(4);
    Buffer y = floats(4);
    backend.math().fill(x, 1);
    backend.math().fill(y, 1);
    backend.math().add(x, y, x);
    backend.math().activation(Activation.RELU, x, x);
    backend.math().activationBackward(Activation.RELU, x, x, y, y, 0);
    assertRefused(
        () -> backend.math().activationBackward(Activation.RELU, x, x, y, y, 1), "dx", "dy");
    assertRefused(() -> backend.math().copy(x, x), "copy", "destination y", "argument x");
    assertRefused(() -> backend.math().addScaled(1, x, x), "addScaled");
  }

  @Test
  void inPlaceMeansTheSameElementsNotOverlappingOnes() {
    Buffer whole = floats(8);
    Buffer low = backend.memory().slice(whole, 0, 4);
    Buffer shifted = backend.memory().slice(whole, 2, 4);
    Buffer high = backend.memory().slice(whole, 4, 4);
    backend.math().fill(whole, 1);
    backend.math().add(low, high, high);
    assertRefused(() -> backend.math().add(low, high, shifted), "add", "shares memory");
  }

  @Test
  void aBetaThatIsNeitherZeroNorOneIsRefused() {
    Buffer x = floats(4);
    Buffer y = floats(4);
    assertRefused(() -> backend.fused().accumulate(x, y, 0.5f), "accumulate", "beta is 0.5");
  }

  @Test
  void aLabelOutOfRangeIsRefused() {
    CrossEntropySpec spec = new CrossEntropySpec(2, 3, 0, 0);
    Buffer logits = floats(6);
    Buffer labels = backend.memory().allocate(DType.I32, 8);
    Buffer loss = floats(1);
    backend.memory().copyIn(IntBuffer.wrap(new int[] {0, 3}), labels, 2);
    assertRefused(
        () -> backend.losses().crossEntropy(spec, logits, labels, null, loss, null),
        "crossEntropy",
        "label 3 of example 1",
        "3 classes");
  }

  @Test
  void aRangeOutsideTheParametersIsRefused() {
    Buffer w = floats(4);
    Buffer g = floats(4);
    SgdSpec spec = new SgdSpec(0.1f, 0, 0, false, 0, true);
    assertRefused(
        () -> backend.optimizers().sgd(spec, w, g, null, 2, 3), "sgd", "3 elements from 2");
  }

  @Test
  void closingTellsWhoLeaked() {
    Buffer freed = floats(4);
    backend.pool().take(DType.F32, 64);
    backend.memory().free(freed);
    GradusException leak = assertThrows(GradusException.class, backend::close);
    assertTrue(leak.getMessage().contains("64 bytes"), leak.getMessage());
    assertTrue(leak.getMessage().contains("closingTellsWhoLeaked"), leak.getMessage());
    assertEquals(1, leak.getMessage().lines().filter(line -> line.contains("buffer of")).count());
  }

  private Buffer floats(long count) {
    return backend.memory().allocate(DType.F32, count * Float.BYTES);
  }

  private float[] read(Buffer buffer) {
    float[] values = new float[(int) buffer.elements()];
    backend
        .memory()
        .copyOut(buffer, Shape.of(values.length), Placement.DENSE, FloatBuffer.wrap(values));
    return values;
  }

  private static void assertRefused(Executable call, String... parts) {
    String message = assertThrows(GradusException.class, call).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }
}
