package gradus.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackendsTest {
  @Test
  void theReferenceIsAlwaysThere() {
    try (Backend backend = Backends.named("reference")) {
      assertEquals("reference", backend.name());
    }
  }

  @Test
  void aMissingOneIsRefusedWithTheRemedy() {
    String message = assertThrows(GradusException.class, () -> Backends.named("tpu")).getMessage();
    assertTrue(
        message.contains("\"tpu\"")
            && message.contains("reference")
            && message.contains("gradus-backend-tpu"),
        message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpu", "GPU:1", "CUDA", "cuda0", "nvidia"})
  void aGpuIsCalledCuda(String name) {
    String message = assertThrows(GradusException.class, () -> Backends.named(name)).getMessage();
    assertTrue(message.contains("name \"cuda\""), message);
    assertFalse(message.contains("gradus-backend-gpu"), message);
  }

  @Test
  void aDeviceIsANumber() {
    String message =
        assertThrows(GradusException.class, () -> Backends.named("cuda:x")).getMessage();
    assertTrue(message.contains("cuda:1"), message);
  }

  @Test
  void aPropertyForcesOne() {
    System.setProperty("gradus.backend", "nonesuch");
    try {
      assertThrows(GradusException.class, Backends::best);
    } finally {
      System.clearProperty("gradus.backend");
    }
    try (Backend backend = Backends.best()) {
      assertEquals("reference", backend.name(), "the only one on core's own class path");
    }
  }

  @Test
  void optionsAreChecked() {
    assertThrows(GradusException.class, () -> BackendOptions.DEFAULT.withThreads(-1));
    assertThrows(GradusException.class, () -> BackendOptions.DEFAULT.withDevice(-1));
    assertEquals(3, BackendOptions.DEFAULT.withThreads(3).resolvedThreads());
  }
}
