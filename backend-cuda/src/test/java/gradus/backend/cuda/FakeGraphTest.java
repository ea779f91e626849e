package gradus.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.backend.Collective;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Graphs of the fake CUDA, which does what was captured when a graph is launched. */
@Tag("fake-cuda")
class FakeGraphTest extends GraphContract {
  @Test
  void devicesMayBeConnectedWhileAnotherBackendRecords() {
    inTwoThreads(
        backend -> {
          try (Collective collective = backend.collective(List.of())) {
            String connection = collective.describe();
            assertTrue(connection.contains("through NCCL"), connection);
          }
        });
  }
}
