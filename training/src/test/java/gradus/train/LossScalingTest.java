package gradus.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class LossScalingTest {
  @Test
  void saysWhatWasLeftOut() {
    assertEquals(
        Optional.of(
            "float16: 2 updates were left out while the loss scale was found; it is 16384 now."),
        new LossScaling(16384, 2).remark(StopReason.COMPLETED));
    assertEquals(
        Optional.of(
            "float16: 1 update was left out while the loss scale was found; it is 32768 now."),
        new LossScaling(32768, 1).remark(StopReason.REQUESTED));
  }

  @Test
  void hasNothingToSayWhereNothingHappened() {
    assertEquals(Optional.empty(), new LossScaling(65536, 0).remark(StopReason.COMPLETED));
  }

  @Test
  void namesTheRemedyWhereNoScaleHelps() {
    String remark = new LossScaling(1, 17).remark(StopReason.NON_FINITE_GRADIENT).orElseThrow();
    assertTrue(remark.contains("beyond float16") && remark.contains("Take bf16 or fp32"), remark);
    String atLeast = new LossScaling(1, 17).remark(StopReason.COMPLETED).orElseThrow();
    assertTrue(atLeast.contains("small gradients are lost. Take bf16 or fp32"), atLeast);
    assertTrue(new LossScaling(1, 0).remark(StopReason.COMPLETED).isPresent(), "a resumed run");
  }

  @Test
  void aLossThatIsNoNumberMayBeOfFloat16() {
    String remark = new LossScaling(65536, 0).remark(StopReason.NON_FINITE_LOSS).orElseThrow();
    assertTrue(remark.contains("65504") && remark.contains("bf16 or fp32"), remark);
  }
}
