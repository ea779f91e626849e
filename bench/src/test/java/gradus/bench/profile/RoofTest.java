package gradus.bench.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Backends;
import gradus.backend.spec.Conv2dSpec;
import gradus.tensor.Precision;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoofTest {
  @Test
  void itIsMeasuredInAnyPrecisionOfTheBackendAndLeavesNothingBehind() {
    try (Backend backend = Backends.named("cpu", BackendOptions.DEFAULT.withThreads(1))) {
      for (Precision precision : List.of(Precision.FP32, Precision.BF16)) {
        Roof roof = Roof.measure(backend, precision, 64, 0.01);
        assertTrue(roof.gigabytes() > 0.01 && roof.gigabytes() < 10_000, roof.toString());
        assertTrue(roof.gigaflops() > 0.01 && roof.gigaflops() < 100_000, roof.toString());
      }
      assertEquals(0, backend.memory().liveBytes());
    }
  }

  @Test
  void aCallNeedsWhatTheSlowerOfMemoryAndArithmeticNeeds() {
    Conv2dSpec spec = Conv2dSpec.of(1, 10, 10, 10, 50, 1, 1, 0); // 50,000 multiply-adds
    StepProfile.Call products = call("conv2d", spec, 2, 1_000);
    StepProfile.Call backward = call("conv2dBackward", spec, 1, 1_000);
    StepProfile.Call moves = call("add", null, 1, 3_000_000);
    StepProfile profile = new StepProfile(10, 1, List.of(products, backward, moves));
    Roof roof = new Roof(1, 0.1);
    // 2 x 100,000 operations, as many again on the way back, and 3 MB
    assertEquals(2 + 2 + 3, profile.leastMillis(roof), 1e-9);
    assertEquals(3 / 5.0, moves.gigabytesPerSecond(), 1e-9);
    assertEquals(0.2 / 5, products.gigaflopsPerSecond(), 1e-9);
  }

  private static StepProfile.Call call(String op, Record spec, long times, long bytes) {
    return new StepProfile.Call(new OpCall("NnOps", op, spec, null), times, 5, bytes);
  }
}
