package gradus.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the guard says of libraries that are there. */
@Tag("fake-cuda")
class FakeSymbolGuardTest {
  @Test
  void aFunctionTheLibraryLacksIsNamed() {
    assertEquals(Optional.empty(), new CudaBackendProvider().unavailableReason());
    GradusException refusal =
        assertThrows(
            GradusException.class,
            () ->
                SymbolGuard.check(
                    List.of("libcudart.so.13 cudaMalloc", "libcudart.so.13 cudaOfTomorrow")));
    assertTrue(refusal.getMessage().contains("cudaOfTomorrow"), refusal.getMessage());
    assertTrue(!refusal.getMessage().contains("cudaMalloc"), refusal.getMessage());
  }
}
