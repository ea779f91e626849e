package gradus.backend.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gradus.GradusException;
import org.junit.jupiter.api.Test;

class SpecTest {
  private static final int HUGE = Integer.MAX_VALUE;

  @Test
  void aPaddingWhoseSumOverflowsIsRefused() {
    assertThrows(GradusException.class, () -> Conv2dSpec.of(1, 1, 8, 8, 1, 3, 1, HUGE));
    assertThrows(GradusException.class, () -> pool(3, HUGE));
  }

  @Test
  void aDilationWhoseReachOverflowsIsRefused() {
    assertThrows(
        GradusException.class,
        () -> new Conv2dSpec(1, 1, 8, 8, 1, 3, 3, 1, 1, 0, 0, 0, 0, HUGE, HUGE, 1));
  }

  @Test
  void aPoolingWindowWhoseAreaOverflowsIsRefused() {
    assertThrows(
        GradusException.class,
        () -> new PoolSpec(1, 1, 1 << 16, 1 << 16, 1 << 16, 1 << 16, 1, 1, 0, 0, true));
  }

  @Test
  void theLargestPaddingAndKernelThatFitAreTaken() {
    assertEquals(3, pool(3, 1).outH());
    assertEquals(1, Conv2dSpec.of(1, 1, 8, 8, 1, 8, 1, 0).outH());
    assertEquals(2, new Conv2dSpec(1, 1, 8, 8, 1, 3, 3, 1, 1, 0, 0, 0, 0, 3, 3, 1).outW());
  }

  private static PoolSpec pool(int kernel, int padding) {
    return new PoolSpec(1, 1, 6, 6, kernel, kernel, 2, 2, padding, padding, true);
  }
}
