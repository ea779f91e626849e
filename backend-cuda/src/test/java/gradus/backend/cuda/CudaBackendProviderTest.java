package gradus.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.Backends;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class CudaBackendProviderTest {
  @Test
  void theServiceLoaderFindsItFirst() {
    assertEquals("cuda", Backends.providers().get(0).name());
  }

  @Test
  void itCanBeSwitchedOff() {
    System.setProperty("gradus.cuda.disable", "true");
    try {
      String reason = new CudaBackendProvider().unavailableReason().orElseThrow();
      assertTrue(reason.contains("gradus.cuda.disable"), reason);
      try (Backend backend = Backends.best()) {
        assertEquals("reference", backend.name());
      }
    } finally {
      System.clearProperty("gradus.cuda.disable");
    }
  }

  @Test
  void withoutADriverTheReasonNamesItAndTheRemedy() {
    Optional<String> reason = new CudaBackendProvider().unavailableReason();
    Assumptions.assumeFalse(Files.exists(Path.of("/dev/nvidiactl")), "this machine has a driver");
    Assumptions.assumeTrue(reason.isPresent(), "this machine has a driver");
    assertTrue(reason.get().contains("libcuda.so.1"), reason.get());
    assertTrue(reason.get().contains("install driver 580"), reason.get());
    assertEquals(reason, new CudaBackendProvider().unavailableReason(), "asked twice");
    GradusException refusal = assertThrows(GradusException.class, () -> Backends.named("cuda"));
    assertTrue(refusal.getMessage().contains("Backend cuda cannot run here"), refusal.toString());
    assertTrue(refusal.getMessage().contains("libcuda.so.1"), refusal.toString());
    try (Backend backend = Backends.best()) {
      assertEquals("reference", backend.name());
    }
  }
}
