package gradus.backend.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.reference.ReferenceBackend;
import gradus.layer.Layer;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The ops together: a small network trains as on the reference, repeatably and without leaks. */
public interface TinyTrainingContract extends BackendUnderTest {
  /** Rounding of one step, relative; every later step works on weights that differ already. */
  double FIRST_LOSS = 1e-5;

  /** After five steps. */
  double LATER_LOSS = 1e-3;

  /** Five steps of either network with batches around sixteen. */
  @TestFactory
  default Stream<DynamicTest> fiveStepsGiveTheReferencesLossCurve() {
    return Stream.of(1, 15, 16, 17, 33)
        .flatMap(
            batch ->
                Stream.of(
                    curveTest("plain", TinyTraining::plain, batch),
                    curveTest("modern", TinyTraining::modern, batch)));
  }

  private DynamicTest curveTest(String name, Supplier<Layer> network, int batch) {
    return DynamicTest.dynamicTest(
        name + " network, batch " + batch,
        () -> {
          try (ReferenceBackend reference = new ReferenceBackend();
              TinyTraining wanted = new TinyTraining(reference, network.get(), batch);
              Backend backend = open(BackendOptions.DEFAULT);
              TinyTraining training = new TinyTraining(backend, network.get(), batch)) {
            float[] expected = wanted.losses(5, 0.05f);
            float[] actual = training.losses(5, 0.05f);
            assertTrue(
                expected[4] < expected[0], "the reference learns: " + Arrays.toString(expected));
            String curves = Arrays.toString(expected) + " against " + Arrays.toString(actual);
            assertEquals(expected[0], actual[0], FIRST_LOSS * expected[0], curves);
            for (int step = 1; step < 5; step++) {
              assertEquals(expected[step], actual[step], LATER_LOSS * expected[step], curves);
            }
          }
        });
  }

  /** A network that cannot learn sixteen images by heart is broken somewhere. */
  @Test
  default void oneBatchIsLearntByHeart() {
    try (Backend backend = open(BackendOptions.DEFAULT);
        TinyTraining training = new TinyTraining(backend, TinyTraining.plain(), 16)) {
      float first = training.step(0.2f);
      training.losses(120, 0.2f);
      float last = training.step(0.2f);
      assertTrue(first > 1, "the first loss is " + first);
      assertTrue(last < 0.02, "the last loss is " + last);
    }
  }

  /** From the third step on training allocates nothing, and closing gives everything back. */
  @Test
  default void trainingHoldsNoMoreMemoryFromStepToStep() {
    try (Backend backend = open(BackendOptions.DEFAULT)) {
      long before = backend.memory().liveBytes();
      try (TinyTraining training = new TinyTraining(backend, TinyTraining.modern(), 17)) {
        training.losses(3, 0.05f);
        long afterThree = backend.memory().liveBytes();
        for (int i = 0; i < 10; i++) {
          training.step(0.05f);
          assertEquals(afterThree, backend.memory().liveBytes());
          assertEquals(0, backend.pool().lent());
        }
      }
      backend.pool().trim();
      assertEquals(before, backend.memory().liveBytes());
    }
  }

  /** The same seed gives the same bits, whatever the number of threads. */
  @Test
  default void trainingGivesTheSameBitsWithAnyNumberOfThreads() {
    float[] once = stateAfterTraining(1);
    assertArrayEquals(once, stateAfterTraining(1), "repeated");
    assertArrayEquals(once, stateAfterTraining(2), "with two threads");
    assertArrayEquals(once, stateAfterTraining(3), "with three threads");
  }

  private float[] stateAfterTraining(int threads) {
    try (Backend backend = open(BackendOptions.DEFAULT.withThreads(threads));
        TinyTraining training = new TinyTraining(backend, TinyTraining.modern(), 33)) {
      training.losses(5, 0.05f);
      return training.state();
    }
  }

  /** Dropout drops by the pass's seed in training only; batch norm moves its statistics there. */
  @Test
  default void trainingAndEvaluationDiffer() {
    try (Backend backend = open(BackendOptions.DEFAULT);
        TinyTraining training = new TinyTraining(backend, TinyTraining.modern(), 17)) {
      float[] fresh = training.evaluate();
      assertArrayEquals(fresh, training.evaluate(), "evaluation changes nothing");
      float[] dropped = training.trainingOutput(1);
      assertFalse(Arrays.equals(fresh, dropped), "training output equals evaluation");
      assertArrayEquals(dropped, training.trainingOutput(1), "one seed, one mask");
      assertFalse(Arrays.equals(dropped, training.trainingOutput(2)), "two seeds, one mask");
      assertFalse(Arrays.equals(fresh, training.evaluate()), "the statistics have not moved");
    }
  }

  /** Frozen batch norms move nothing, and what is before them learns as on the reference. */
  @TestFactory
  default Stream<DynamicTest> gradientsPassFrozenNormsAsOnTheReference() {
    return Stream.of(1, 17, 33)
        .map(
            batch ->
                DynamicTest.dynamicTest("batch " + batch, () -> gradientsPassFrozenNorms(batch)));
  }

  private void gradientsPassFrozenNorms(int batch) {
    try (ReferenceBackend reference = new ReferenceBackend();
        TinyTraining wanted = new TinyTraining(reference, TinyTraining.modern(), batch);
        Backend backend = open(BackendOptions.DEFAULT);
        TinyTraining training = new TinyTraining(backend, TinyTraining.modern(), batch)) {
      float[] expected = wanted.freezeNorms().gradients();
      float[] before = training.freezeNorms().state();
      assertArrayEquals(expected, training.gradients(), 1e-4f);
      long held = backend.memory().liveBytes();
      for (int i = 0; i < 3; i++) {
        training.gradients();
        assertEquals(held, backend.memory().liveBytes());
        assertEquals(0, backend.pool().lent());
      }
      assertArrayEquals(before, training.state());
    }
  }

  /** What was trained evaluates like the reference's, so statistics and weights agree. */
  @Test
  default void theTrainedNetworkEvaluatesAsOnTheReference() {
    try (ReferenceBackend reference = new ReferenceBackend();
        TinyTraining wanted = new TinyTraining(reference, TinyTraining.modern(), 17);
        Backend backend = open(BackendOptions.DEFAULT);
        TinyTraining training = new TinyTraining(backend, TinyTraining.modern(), 17)) {
      wanted.losses(5, 0.05f);
      training.losses(5, 0.05f);
      float[] expected = wanted.evaluate();
      float[] actual = training.evaluate();
      assertArrayEquals(expected, actual, 5e-3f);
    }
  }
}
