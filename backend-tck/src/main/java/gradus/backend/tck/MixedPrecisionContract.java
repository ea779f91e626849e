package gradus.backend.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.PrecisionSupport;
import gradus.backend.reference.ReferenceBackend;
import gradus.layer.Layer;
import gradus.tensor.Precision;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Training in bfloat16 and float16 is near that of the reference. Both round activations at the
 * same places; the factors of convolutions a backend may round, and the reference does not;
 * gradients of activations the reference rounds, and a backend may.
 */
public interface MixedPrecisionContract extends BackendUnderTest {
  /** Of losses after a few steps, relative: what one rounding costs. */
  private static double loss(Precision precision) {
    return precision == Precision.FP16 ? 0x1p-10 : 0x1p-8;
  }

  /**
   * Of a gradient in the root mean square, relative to the reference's. Much of it is of max-pools:
   * where rounding makes another pixel the largest, the whole gradient goes there.
   */
  double GRADIENT = 0.2;

  /** Five steps of either network, in lanes and not. */
  @TestFactory
  default Stream<DynamicTest> fiveStepsInMixedPrecisionGiveTheReferencesLossCurve() {
    return mixedPrecisions().flatMap(this::fiveSteps);
  }

  /** Factors are rounded as they are multiplied, and nothing else is. */
  @TestFactory
  default Stream<DynamicTest> fiveStepsInTensorFloat32GiveTheReferencesLossCurve() {
    require(Feature.TENSOR_FLOAT32);
    return fiveSteps(Precision.TF32);
  }

  private Stream<DynamicTest> fiveSteps(Precision precision) {
    return networks(precision)
        .map(
            network ->
                DynamicTest.dynamicTest(
                    network.toString(),
                    () -> {
                      float[] expected = reference(network, t -> t.losses(5, 0.05f));
                      float[] actual = measured(network, t -> t.losses(5, 0.05f));
                      String curves = Arrays.toString(expected) + ", " + Arrays.toString(actual);
                      for (int step = 0; step < 5; step++) {
                        double most = loss(precision) * expected[step];
                        assertEquals(expected[step], actual[step], most, curves);
                      }
                      assertTrue(actual[4] < actual[0], "it learns: " + curves);
                    }));
  }

  /** Gradients are near those of the reference in the same precision, and those in float32. */
  @TestFactory
  default Stream<DynamicTest> gradientsInMixedPrecisionAreNearTheReferences() {
    return mixedPrecisions()
        .flatMap(MixedPrecisionContract::networks)
        .map(
            network ->
                DynamicTest.dynamicTest(
                    network.toString(),
                    () -> {
                      float[] actual = measured(network, TinyTraining::gradients);
                      float[] rounded = reference(network, TinyTraining::gradients);
                      float[] exact =
                          reference(network.in(Precision.FP32), TinyTraining::gradients);
                      double among = distance(rounded, actual);
                      assertTrue(among < GRADIENT, "from the reference's: " + among);
                      double from = distance(exact, actual);
                      assertTrue(from < GRADIENT, "from float32's: " + from);
                      double least = network.precision == Precision.FP16 ? 1e-5 : 1e-4;
                      assertTrue(from > least, "nothing was rounded: " + from);
                    }));
  }

  /** The same with batch norms that are frozen. */
  @TestFactory
  default Stream<DynamicTest> gradientsPassFrozenNormsInMixedPrecision() {
    return mixedPrecisions()
        .flatMap(MixedPrecisionContract::networks)
        .filter(network -> network.name.equals("modern network"))
        .map(
            network ->
                DynamicTest.dynamicTest(
                    network.toString(),
                    () -> {
                      Run run = training -> training.freezeNorms().gradients();
                      double among = distance(reference(network, run), measured(network, run));
                      assertTrue(among < GRADIENT, "from the reference's: " + among);
                    }));
  }

  /** A network that cannot learn sixteen images by heart is broken somewhere. */
  @TestFactory
  default Stream<DynamicTest> oneBatchIsLearntByHeartInMixedPrecision() {
    return inEachMixedPrecision(
        precision -> {
          try (Backend backend = open(BackendOptions.DEFAULT);
              TinyTraining training =
                  new TinyTraining(backend, TinyTraining.plain(), 16, precision)) {
            training.losses(120, 0.2f);
            float last = training.step(0.2f);
            assertTrue(last < 0.02, "the last loss is " + last);
          }
        });
  }

  /** The same seed gives the same bits, whatever the number of threads. */
  @TestFactory
  default Stream<DynamicTest> trainingInMixedPrecisionGivesTheSameBitsWithAnyNumberOfThreads() {
    return inEachMixedPrecision(
        precision -> {
          float[] once = stateAfterTraining(precision, 1);
          assertArrayEquals(once, stateAfterTraining(precision, 1), "repeated");
          assertArrayEquals(once, stateAfterTraining(precision, 2), "with two threads");
          assertArrayEquals(once, stateAfterTraining(precision, 3), "with three threads");
        });
  }

  private float[] stateAfterTraining(Precision precision, int threads) {
    try (Backend backend = open(BackendOptions.DEFAULT.withThreads(threads));
        TinyTraining training = new TinyTraining(backend, TinyTraining.modern(), 33, precision)) {
      training.losses(5, 0.05f);
      return training.state();
    }
  }

  /** From the third step on training allocates nothing, and closing gives everything back. */
  @TestFactory
  default Stream<DynamicTest> trainingInMixedPrecisionHoldsNoMoreMemoryFromStepToStep() {
    return inEachMixedPrecision(
        precision -> {
          try (Backend backend = open(BackendOptions.DEFAULT)) {
            long before = backend.memory().liveBytes();
            try (TinyTraining training =
                new TinyTraining(backend, TinyTraining.modern(), 17, precision)) {
              training.losses(3, 0.05f);
              long afterThree = backend.memory().liveBytes();
              for (int i = 0; i < 5; i++) {
                training.step(0.05f);
                assertEquals(afterThree, backend.memory().liveBytes());
                assertEquals(0, backend.pool().lent());
              }
            }
            backend.pool().trim();
            assertEquals(before, backend.memory().liveBytes());
          }
        });
  }

  private Stream<DynamicTest> inEachMixedPrecision(Consumer<Precision> test) {
    return mixedPrecisions()
        .map(precision -> DynamicTest.dynamicTest("" + precision, () -> test.accept(precision)));
  }

  /** A backend without a precision says so before the first step, and what to do. */
  @Test
  default void aPrecisionThatIsNotThereIsRefused() {
    try (Backend backend = open(BackendOptions.DEFAULT)) {
      backend.support(Precision.FP32).require();
      requireOrRefuse(backend.support(Precision.BF16), Feature.BFLOAT16_STORAGE);
      requireOrRefuse(backend.support(Precision.FP16), Feature.FLOAT16_STORAGE);
      requireOrRefuse(backend.support(Precision.TF32), Feature.TENSOR_FLOAT32);
    }
  }

  private void requireOrRefuse(PrecisionSupport support, Feature feature) {
    if (unsupported().contains(feature)) {
      GradusException refusal = assertThrows(GradusException.class, support::require);
      assertTrue(refusal.getMessage().contains("leave the precision out"), refusal.getMessage());
    } else {
      support.require();
    }
  }

  /** What is trained, and how. */
  record Setting(String name, Supplier<Layer> network, int batch, Precision precision) {
    Setting in(Precision other) {
      return new Setting(name, network, batch, other);
    }

    @Override
    public String toString() {
      return name + ", batch " + batch + ", " + precision;
    }
  }

  /** What is compared. */
  @FunctionalInterface
  interface Run {
    /** Its numbers. */
    float[] of(TinyTraining training);
  }

  private static Stream<Setting> networks(Precision precision) {
    return Stream.of(3, 16, 33)
        .flatMap(
            batch ->
                Stream.of(
                    new Setting("plain network", TinyTraining::plain, batch, precision),
                    new Setting("modern network", TinyTraining::modern, batch, precision)));
  }

  private float[] measured(Setting setting, Run run) {
    try (Backend backend = open(BackendOptions.DEFAULT)) {
      return numbers(backend, setting, run);
    }
  }

  private static float[] reference(Setting setting, Run run) {
    try (Backend reference = new ReferenceBackend()) {
      return numbers(reference, setting, run);
    }
  }

  private static float[] numbers(Backend backend, Setting setting, Run run) {
    try (TinyTraining training =
        new TinyTraining(backend, setting.network.get(), setting.batch, setting.precision)) {
      return run.of(training);
    }
  }

  private static double distance(float[] expected, float[] actual) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) expected[i] - actual[i], 2);
      size += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / size);
  }
}
