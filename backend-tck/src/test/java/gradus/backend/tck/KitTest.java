package gradus.backend.tck;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import gradus.backend.Backend;
import gradus.backend.Buffer;
import gradus.backend.FusedOps;
import gradus.backend.LossOps;
import gradus.backend.MathOps;
import gradus.backend.NnOps;
import gradus.backend.OptimizerOps;
import gradus.backend.reference.ReferenceBackend;
import gradus.tensor.DType;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The kit itself: it covers every op, and it finds mistakes. */
class KitTest {
  private final ReferenceBackend reference = new ReferenceBackend();
  private final ReferenceBackend right = new ReferenceBackend();

  @Test
  void caseNamesAreUnique() {
    Set<String> names = new HashSet<>();
    OpCases.all().forEach(c -> assertTrue(names.add(c.name()), c.name()));
  }

  /** An op that does nothing fails every single case about it: no case is empty. */
  @TestFactory
  Stream<DynamicTest> anOpThatDoesNothingFailsAllItsCases() {
    return Stream.of(MathOps.class, NnOps.class, LossOps.class, FusedOps.class, OptimizerOps.class)
        .flatMap(ops -> Arrays.stream(ops.getMethods()))
        .filter(method -> method.getReturnType() == void.class)
        .map(Method::getName)
        .distinct()
        .map(op -> dynamicTest(op, () -> assertAllFail(op)));
  }

  private void assertAllFail(String op) {
    Backend faulty = FaultyBackend.of(right, op, (arguments, call) -> {});
    List<OpCase> cases = casesOf(op);
    assertFalse(cases.isEmpty(), "the kit has no case for " + op);
    for (OpCase opCase : cases) {
      assertThrows(
          AssertionError.class, () -> opCase.assertAgrees(faulty, reference), opCase.name());
    }
  }

  @Test
  void anErrorOfOnePartInTenThousandIsFound() {
    for (String op : List.of("conv2d", "conv2dBackwardData", "linear", "avgPool", "softmax")) {
      assertFound(
          op,
          (arguments, call) -> {
            call.run();
            right.math().scale(1.0001f, lastBuffer(arguments));
          });
    }
  }

  @Test
  void aForgottenBetaIsFound() {
    for (String op :
        List.of(
            "conv2dBackwardData",
            "linearBackwardData",
            "maxPoolBackward",
            "avgPoolBackward",
            "softmaxBackward",
            "dropoutBackward",
            "activationBackward",
            "accumulate")) {
      assertFound(
          op,
          (arguments, call) -> {
            arguments[arguments.length - 1] = 0f;
            call.run();
          });
    }
  }

  @Test
  void readingADestinationThatIsToBeOverwrittenIsFound() {
    assertFound(
        "conv2dBackwardData",
        (arguments, call) -> {
          arguments[arguments.length - 1] = 1f;
          call.run();
        });
  }

  @Test
  void aForgottenBiasGradientIsFound() {
    assertFound(
        "conv2dBackwardWeights",
        (arguments, call) -> {
          arguments[4] = null;
          call.run();
        });
  }

  @Test
  void aLeakIsFound() {
    AssertionError leak =
        assertFound(
            "add",
            (arguments, call) -> {
              call.run();
              right.memory().allocate(DType.F32, 64);
            });
    assertTrue(leak.getMessage().contains("bytes of backend memory behind"), leak.getMessage());
  }

  @Test
  void aWanderingResultIsFound() {
    int[] calls = {0};
    Backend wandering =
        FaultyBackend.of(
            right,
            "add",
            (arguments, call) -> {
              call.run();
              right.math().scale(1 + 1e-7f * calls[0]++, lastBuffer(arguments));
            });
    OpCase opCase = casesOf("add").get(4);
    assertThrows(AssertionError.class, () -> opCase.assertSameBits(wandering));
    opCase.assertSameBits(right, reference);
  }

  @Test
  void aSwallowedNanIsFound() {
    AssertionError found =
        assertFound(
            "activation",
            (arguments, call) -> {
              call.run();
              double[] values = right.memory().copyOut(lastBuffer(arguments));
              right
                  .memory()
                  .copyIn(
                      Arrays.stream(values).map(v -> Double.isNaN(v) ? 0 : v).toArray(),
                      lastBuffer(arguments));
            });
    assertTrue(found.getMessage().contains("expected NaN"), found.getMessage());
  }

  private AssertionError assertFound(String op, FaultyBackend.Mistake mistake) {
    Backend faulty = FaultyBackend.of(right, op, mistake);
    AssertionError first = null;
    for (OpCase opCase : casesOf(op)) {
      try {
        opCase.assertAgrees(faulty, reference);
      } catch (AssertionError found) {
        first = first == null ? found : first;
      }
    }
    assertTrue(first != null, "the kit missed the mistake in " + op);
    return first;
  }

  private static List<OpCase> casesOf(String op) {
    return OpCases.all().filter(c -> c.op().equals(op)).toList();
  }

  private static Buffer lastBuffer(Object[] arguments) {
    for (int i = arguments.length - 1; ; i--) {
      if (arguments[i] instanceof Buffer buffer) {
        return buffer;
      }
    }
  }
}
