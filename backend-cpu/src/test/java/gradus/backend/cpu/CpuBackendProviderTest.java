package gradus.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Backends;
import gradus.backend.PrecisionSupport;
import gradus.tensor.Precision;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CpuBackendProviderTest {
  @Test
  void theServiceLoaderFindsItAheadOfTheReference() {
    assertEquals("cpu", Backends.providers().get(0).name());
    assertEquals(Optional.empty(), new CpuBackendProvider().unavailableReason());
  }

  @Test
  void itDescribesProcessorInstructionsLayoutThreadsAndLibrary() {
    try (Backend backend = Backends.named("cpu", BackendOptions.DEFAULT.withThreads(3))) {
      String words = backend.describe();
      assertTrue(words.startsWith("cpu: " + Processor.model() + ", "), words);
      assertTrue(words.contains(", " + InstructionSet.choose().title() + ", "), words);
      assertTrue(words.contains(", 3 threads, "), words);
      assertTrue(words.matches(".*OpenBLAS \\d+\\.\\d+.*"), words);
    }
  }

  @Test
  void closingTwiceIsHarmless() {
    Backend backend = Backends.named("cpu");
    backend.close();
    backend.close();
  }

  @Test
  void saysWhatBfloat16IsGoodForOnThisProcessor() {
    assertTrue(Processor.has("sse2"), "every x86-64 processor has it");
    assertFalse(Processor.has("sse-two"));
    try (Backend backend = new CpuBackendProvider().open(BackendOptions.DEFAULT)) {
      PrecisionSupport support = backend.support(Precision.BF16);
      assertTrue(support.available());
      boolean multiplies =
          Processor.has("avx512_bf16") && InstructionSet.choose() == InstructionSet.AVX512;
      assertTrue(support.remark().contains("memory in deep networks, not time"), support.remark());
      assertEquals(multiplies, support.remark().contains("Winograd"), support.remark());
      assertEquals("", backend.support(Precision.FP32).remark());
    }
  }
}
