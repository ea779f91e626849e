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
                    opCase.name(), () -> opCase.assertAgrees(backend, reference)))
        .onClose(backend::close)
        .onClose(reference::close);
  }
}
