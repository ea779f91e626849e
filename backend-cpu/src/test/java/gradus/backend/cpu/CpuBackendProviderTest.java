package gradus.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Backends;
import gradus.backend.PrecisionSupport;
import gradus.tensor.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class CpuBackendProviderTest {
  @Test
  void theServiceLoaderFindsItAheadOfTheReference() {
    assertEquals("cpu", Backends.providers().get(0).name());
    assertEquals(Optional.empty(), new CpuBackendProvider().unavailableReason());
  }

  @Test
  void itDescribesProcessorInstructionsLayoutThreadsAndLibrary() {
    try (Backend backend = Backends.named("cpu", BackendOptions.DEFAULT.withThreads(1))) {
      String words = backend.describe();
      assertTrue(words.startsWith("cpu: " + Processor.model() + ", "), words);
      assertTrue(words.contains(", " + InstructionSet.choose().title() + ", "), words);
      assertTrue(words.contains(", 1 thread, "), words);
      assertTrue(words.matches(".*OpenBLAS \\d+\\.\\d+.*"), words);
    }
  }

  @Test
  void noMoreThreadsComputeThanFindAProcessorAndAWarningSaysSo() {
    List<String> warnings = new ArrayList<>();
    Logger logger = Logger.getLogger(CpuBackendProvider.class.getName());
    Handler listening =
        new Handler() {
          @Override
          public void publish(LogRecord line) {
            warnings.add(line.getLevel() + " " + line.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(listening);
    logger.setUseParentHandlers(false);
    try {
      assertEquals(1, CpuBackendProvider.workingThreads(1, 2));
      assertEquals(2, CpuBackendProvider.workingThreads(2, 2));
      assertEquals(List.of(), warnings);
      assertEquals(2, CpuBackendProvider.workingThreads(8, 2));
      int processors = Runtime.getRuntime().availableProcessors();
      try (Backend backend =
          Backends.named("cpu", BackendOptions.DEFAULT.withThreads(processors + 1))) {
        assertTrue(backend.describe().contains(", " + processors + " thread"), backend.describe());
      }
    } finally {
      logger.setUseParentHandlers(true);
      logger.removeHandler(listening);
    }
    assertEquals(2, warnings.size());
    assertTrue(
        warnings
            .get(0)
            .startsWith(
                "WARNING 8 compute threads were asked for, but this process may use 2 processors: "),
        warnings.get(0));
    assertTrue(warnings.get(0).endsWith("-XX:ActiveProcessorCount=8."), warnings.get(0));
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
          Bfloat16Products.choose(InstructionSet.choose()) != Bfloat16Products.FLOAT;
      assertEquals(multiplies, support.remark().isEmpty(), support.remark());
      assertEquals("", backend.support(Precision.FP32).remark());
    }
  }
}
