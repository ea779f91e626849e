package gradus.backend.tck;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every op gives the same bits when repeated, and with any number of threads. */
public interface DeterminismContract extends BackendUnderTest {
  /** One test per op and set of arguments. */
  @TestFactory
  default Stream<DynamicTest> opsGiveTheSameBitsEveryTime() {
    Backend one = open(BackendOptions.DEFAULT.withThreads(1));
    Backend two = open(BackendOptions.DEFAULT.withThreads(2));
    Backend three = open(BackendOptions.DEFAULT.withThreads(3));
    return OpCases.all()
        .map(
            opCase ->
                DynamicTest.dynamicTest(
                    opCase.name(),
                    () -> {
                      opCase.requireFeatures(this);
                      opCase.assertSameBits(one, two, three);
                    }))
        .onClose(one::close)
        .onClose(two::close)
        .onClose(three::close);
  }
}
