package gradus.backend.cuda;

import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Skips tests where there is no GPU, aloud; with {@code -Dgradus.gpu.required=true} they fail. */
final class Gpu {
  private static int skipped;
  private static String why = "";

  private Gpu() {}

  static void require() {
    Optional<String> reason = new CudaBackendProvider().unavailableReason();
    if (reason.isEmpty()) {
      return;
    }
    if (Boolean.getBoolean("gradus.gpu.required")) {
      Assertions.fail("A GPU is required, but " + reason.get());
    }
    skipped++;
    why = reason.get();
    Assumptions.abort(why);
  }

  static void reportSkips() {
    if (skipped > 0) {
      System.out.println(skipped + " gpu tests skipped: " + why);
      skipped = 0;
    }
  }
}
