package gradus.backend.cuda;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;

/** A test that needs a GPU, to be tagged {@code gpu}; where there is none it is skipped, aloud. */
interface GpuTest {
  @BeforeEach
  default void requireGpu() {
    Gpu.require();
  }

  @AfterAll
  static void reportSkips() {
    Gpu.reportSkips();
  }
}
