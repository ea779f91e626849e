package gradus.backend;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import gradus.tensor.Precision;
import org.junit.jupiter.api.Test;

class PrecisionSupportTest {
  @Test
  void aBackendThatKnowsFloat32AloneRefusesTheRestWithTheRemedy() {
    assertDoesNotThrow(PrecisionSupport.float32Alone("toy", Precision.FP32)::require);
    PrecisionSupport refusal = PrecisionSupport.float32Alone("toy", Precision.BF16);
    assertEquals(
        "The toy backend trains in fp32 alone, not in bf16: leave the precision out, or take the"
            + " cpu backend.",
        assertThrows(GradusException.class, refusal::require).getMessage());
    assertEquals(
        "The toy backend trains in fp32 alone, not in fp16: leave the precision out, or take the"
            + " cuda backend.",
        PrecisionSupport.float32Alone("toy", Precision.FP16).remark());
    assertEquals(
        "The toy backend has no fp16: take bf16, which needs as much memory and no loss scaling,"
            + " or leave the precision out.",
        PrecisionSupport.halfMissing("toy").remark());
    assertEquals(
        "The toy backend has no tf32, the arithmetic of NVIDIA's GPUs: leave the precision out, or"
            + " take bf16 where it is there.",
        assertThrows(
                GradusException.class,
                PrecisionSupport.float32Alone("toy", Precision.TF32)::require)
            .getMessage());
  }
}
