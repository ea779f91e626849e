package gradus.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import org.junit.jupiter.api.Test;

class InstructionSetTest {
  @Test
  void theBestIsTakenUnlessOneIsForced() {
    assertEquals(InstructionSet.AVX2, InstructionSet.choose(InstructionSet.AVX2, null));
    assertEquals(InstructionSet.BASELINE, InstructionSet.choose(InstructionSet.AVX512, "baseline"));
    assertEquals(InstructionSet.AVX2, InstructionSet.choose(InstructionSet.AVX2, "avx2"));
  }

  @Test
  void oneTheProcessorLacksIsRefusedWithTheRemedy() {
    GradusException refusal =
        assertThrows(
            GradusException.class, () -> InstructionSet.choose(InstructionSet.AVX2, "avx512"));
    assertEquals(
        "-Dgradus.cpu.isa=avx512 asks for AVX-512, but this processor has AVX2 with FMA at most:"
            + " leave the property out, or choose avx2.",
        refusal.getMessage());
  }

  @Test
  void anUnknownOneIsRefusedWithTheChoices() {
    GradusException refusal =
        assertThrows(
            GradusException.class, () -> InstructionSet.choose(InstructionSet.AVX2, "neon"));
    assertTrue(refusal.getMessage().contains("choose one of baseline, avx2, avx512"));
  }
}
