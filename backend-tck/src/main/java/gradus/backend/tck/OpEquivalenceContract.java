package gradus.backend.tck;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.reference.ReferenceBackend;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every op gives the reference's result within rounding, and leaves no memory behind. */
public interface OpEquivalenceContract extends BackendUnderTest {
  /** One test per op and set of arguments. */
  @TestFactory
  default Stream<DynamicTest> opsAgreeWithTheReference() {
    Backend backend = open(BackendOptions.DEFAULT);
    ReferenceBackend reference = new ReferenceBackend();
    return OpCases.all()
        .map(
            opCase ->
                DynamicTest.dynamicTest(
                    opCase.name(), () -> assertAgrees(opCase, backend, reference)))
        .onClose(backend::close)
        .onClose(reference::close);
  }

  private static void assertAgrees(OpCase opCase, Backend backend, ReferenceBackend reference) {
    long before = backend.memory().liveBytes();
    Outcome expected = opCase.run(new Trial(reference, opCase, false));
    Outcome magnitudes =
        opCase.tolerance().bySum() ? opCase.run(new Trial(reference, opCase, true)) : null;
    Outcome actual = opCase.run(new Trial(backend, opCase, false));
    expected.assertNear(actual, magnitudes, opCase.tolerance());
    long left = backend.memory().liveBytes() - before;
    if (left != 0) {
      throw new AssertionError("The op left " + left + " bytes of backend memory behind.");
    }
  }
}
