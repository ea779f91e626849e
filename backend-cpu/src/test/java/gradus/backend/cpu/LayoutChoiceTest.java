package gradus.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import org.junit.jupiter.api.Test;

class LayoutChoiceTest {
  @Test
  void aForcedLayoutHoldsForEveryBatch() {
    assertEquals(1, LayoutChoice.named("lanes").lanesFrom(16));
    assertEquals(Integer.MAX_VALUE, LayoutChoice.named("plain").lanesFrom(16));
  }

  @Test
  void autoKeepsSingleImagesPlain() {
    for (InstructionSet set : InstructionSet.values()) {
      int from = LayoutChoice.named("auto").lanesFrom(set.lanes());
      assertEquals(Math.max(2, set.lanes() / 3), from);
    }
  }

  @Test
  void anUnknownLayoutIsRefusedWithTheChoices() {
    GradusException refusal = assertThrows(GradusException.class, () -> LayoutChoice.named("nhwc"));
    assertEquals(
        "-Dgradus.cpu.layout=nhwc is no layout: choose auto, plain or lanes.",
        refusal.getMessage());
  }
}
