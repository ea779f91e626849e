package gradus.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import org.junit.jupiter.api.Test;

class Bfloat16ProductsTest {
  @Test
  void theBestIsAvailableAndOlderInstructionsHaveFloatsAlone() {
    InstructionSet best = InstructionSet.best();
    assertTrue(Bfloat16Products.best(best).available(best));
    for (InstructionSet older :
        new InstructionSet[] {InstructionSet.BASELINE, InstructionSet.AVX2}) {
      assertEquals(Bfloat16Products.FLOAT, Bfloat16Products.best(older));
      assertTrue(Bfloat16Products.FLOAT.available(older));
      assertFalse(Bfloat16Products.PAIRS.available(older));
      assertFalse(Bfloat16Products.TILES.available(older));
    }
  }

  @Test
  void availabilityIsWhatTheSystemTellsOfTheProcessor() {
    if (InstructionSet.best() == InstructionSet.AVX512) {
      assertEquals(
          Processor.has("avx512_bf16"), Bfloat16Products.PAIRS.available(InstructionSet.AVX512));
      // The kernel may keep tiles to itself, but there are none that it does not tell of.
      assertTrue(
          Processor.has("amx_bf16") || !Bfloat16Products.TILES.available(InstructionSet.AVX512));
    }
  }

  @Test
  void namesAreChecked() {
    assertEquals(Bfloat16Products.TILES, Bfloat16Products.named("tiles"));
    GradusException e = assertThrows(GradusException.class, () -> Bfloat16Products.named("halves"));
    assertEquals(
        "-Dgradus.cpu.bf16=halves is no way to multiply bfloat16 values: choose one of float, pairs, tiles.",
        e.getMessage());
  }

  @Test
  void whatTheProcessorLacksIsRefused() {
    System.setProperty(Bfloat16Products.PROPERTY, "tiles");
    try {
      GradusException e =
          assertThrows(GradusException.class, () -> Bfloat16Products.choose(InstructionSet.AVX2));
      assertEquals(
          "-Dgradus.cpu.bf16=tiles asks for AMX, which this processor or the instruction set chosen, AVX2 with FMA, does not have: leave the property out.",
          e.getMessage());
    } finally {
      System.clearProperty(Bfloat16Products.PROPERTY);
    }
  }
}
