package gradus.backend.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.tensor.Precision;
import org.junit.jupiter.api.Test;

class SpecTest {
  private static final int HUGE = Integer.MAX_VALUE;

  @Test
  void whatIsWrongWithAConvolutionIsNamed() {
    says("a kernel that spans 9 x 9 pixels", 8, 9, 1, 0);
    says("the image of 8 x 8, padding included", 8, 9, 1, 0);
    says("the stride must be at least 1, but is 0 x 0", 8, 3, 0, 0);
    says("padding must not be negative, but is [-1, -1, -1, -1]", 8, 3, 1, -1);
    says("is [1, 1, 0, 0]", 0, 3, 1, 0);
    says("1 filters of 0 x 0", 8, 0, 1, 0);
  }

  private static void says(String words, int size, int kernel, int stride, int padding) {
    String message =
        assertThrows(
                GradusException.class,
                () -> Conv2dSpec.of(1, 1, size, size, 1, kernel, stride, padding))
            .getMessage();
    assertTrue(message.contains(words), message);
  }

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

  @Test
  void factorsAreThoseOfTheStep() {
    Conv2dSpec convolution = Conv2dSpec.of(1, 1, 8, 8, 1, 3, 1, 1);
    assertEquals(Precision.FP32, convolution.factors());
    assertEquals(Precision.BF16, convolution.withFactors(Precision.BF16).withBatch(2).factors());
    assertSame(convolution, convolution.withFactors(Precision.FP32));
    LinearSpec linear = new LinearSpec(1, 2, 3);
    assertEquals(Precision.TF32, linear.withFactors(Precision.TF32).withBatch(2).factors());
    assertSame(linear, linear.withFactors(Precision.BF16), "its input is rounded beforehand");
  }

  private static PoolSpec pool(int kernel, int padding) {
    return new PoolSpec(1, 1, 6, 6, kernel, kernel, 2, 2, padding, padding, true);
  }
}
