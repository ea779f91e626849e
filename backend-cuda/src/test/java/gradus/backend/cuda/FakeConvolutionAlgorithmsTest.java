package gradus.backend.cuda;

import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD_NONFUSED;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD_NONFUSED;
import static org.bytedeco.cuda.global.cudnn.CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD_NONFUSED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.backend.Backend;
import gradus.backend.BackendOptions;
import gradus.backend.Backends;
import gradus.backend.Buffer;
import gradus.backend.ConvAccuracy;
import gradus.backend.Memory;
import gradus.backend.cuda.ConvolutionPlan.Algorithm;
import gradus.backend.spec.Conv2dSpec;
import gradus.tensor.DType;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Which of the fake cuDNN's algorithms is taken: it offers working memory that is no number, then a
 * Fourier transform, then Winograd's, then ones that must not be used, then plain sums.
 */
@Tag("fake-cuda")
class FakeConvolutionAlgorithmsTest {
  private static final int PLAIN = 1; // in each pass
  private static final Map<ConvolutionPass, Integer> WINOGRAD =
      Map.of(
          ConvolutionPass.FORWARD,
          CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD_NONFUSED,
          ConvolutionPass.BACKWARD_DATA,
          CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD_NONFUSED,
          ConvolutionPass.BACKWARD_WEIGHTS,
          CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD_NONFUSED);
  private static final Conv2dSpec WIDE = of(16, 16, 3, 1, 1, 1);

  private static Conv2dSpec of(int c, int k, int side, int stride, int dilation, int groups) {
    return new Conv2dSpec(
        2, c, 9, 9, k, side, side, stride, stride, 1, 1, 1, 1, dilation, dilation, groups);
  }

  private static Algorithm chosen(
      ConvAccuracy accuracy, ConvolutionPass pass, Conv2dSpec spec, DType type, boolean last) {
    BackendOptions options = BackendOptions.DEFAULT.withConvAccuracy(accuracy);
    try (CudaContext context = CudaContext.open(options);
        ConvolutionPlan plan = new ConvolutionPlan(spec, type, false, last)) {
      return new ConvolutionAlgorithms(context)
          .offered(pass, plan).stream().findFirst().orElse(null);
    }
  }

  private static void assertPlain(ConvAccuracy accuracy, Conv2dSpec spec, DType type) {
    for (ConvolutionPass pass : ConvolutionPass.values()) {
      Algorithm algorithm = chosen(accuracy, pass, spec, type, false);
      assertEquals(PLAIN, algorithm.number(), pass + " of " + spec);
      assertTrue(algorithm.workspaceBytes() > 0, pass + " of " + spec);
    }
  }

  @Test
  void winogradsAlgorithmServesManyChannelsOfFloats() {
    for (ConvolutionPass pass : ConvolutionPass.values()) {
      Algorithm algorithm = chosen(ConvAccuracy.FAST, pass, WIDE, DType.F32, false);
      assertEquals(WINOGRAD.get(pass), algorithm.number(), pass.toString());
    }
  }

  @Test
  void whatWouldLoseMoreBitsIsSummedPlainly() {
    assertPlain(ConvAccuracy.FAST, of(15, 16, 3, 1, 1, 1), DType.F32);
    assertPlain(ConvAccuracy.FAST, of(16, 15, 3, 1, 1, 1), DType.F32);
    assertPlain(ConvAccuracy.FAST, of(16, 16, 1, 1, 1, 1), DType.F32);
    assertPlain(ConvAccuracy.FAST, of(16, 16, 3, 2, 1, 1), DType.F32);
    assertPlain(ConvAccuracy.FAST, of(16, 16, 3, 1, 2, 1), DType.F32);
    assertPlain(ConvAccuracy.FAST, of(32, 32, 3, 1, 1, 2), DType.F32);
    assertPlain(ConvAccuracy.FAST, WIDE, DType.F16);
    assertPlain(ConvAccuracy.FAST, WIDE, DType.BF16);
  }

  @Test
  void aLargeDeviceHasRoomForMuchWorkingMemory() {
    Algorithm algorithm =
        chosen(
            ConvAccuracy.FAST, ConvolutionPass.FORWARD, of(1024, 16, 3, 1, 1, 1), DType.F32, false);
    assertEquals(1L << 30, algorithm.workspaceBytes(), "of 64 GB");
  }

  @Test
  void whatCudnnCannotCountIsTooLargeABatch() {
    Conv2dSpec spec = Conv2dSpec.of(1 << 17, 1, 128, 128, 1, 1, 1, 0);
    try (CudaContext context = CudaContext.open(BackendOptions.DEFAULT);
        ConvolutionPlans plans =
            new ConvolutionPlans(spec, new ConvolutionAlgorithms(context), false)) {
      ConvolutionChoices choices = plans.of(ConvolutionPass.FORWARD);
      GradusException refusal = assertThrows(GradusException.class, choices::best);
      assertTrue(refusal.getMessage().contains("use a smaller batch"), refusal.getMessage());
    }
  }

  @Test
  void strictSumsArePlain() {
    assertPlain(ConvAccuracy.STRICT, WIDE, DType.F32);
  }

  @Test
  void whatIsNotSupportedForAnyReasonIsNoFailure() {
    assertNull(
        chosen(
            ConvAccuracy.FAST,
            ConvolutionPass.FORWARD,
            of(32, 32, 3, 1, 1, 2),
            DType.F32,
            true)); // 3004, for the layout
    assertNull(
        chosen(
            ConvAccuracy.FAST,
            ConvolutionPass.FORWARD,
            of(16, 16, 3, 1, 2, 1),
            DType.F16,
            false)); // 3000
  }

  @Test
  void aRefusalHasTheWordsOfCudnn() {
    Conv2dSpec spec = Conv2dSpec.of(1, 1, 1, 1, 1, 1, 1, 0);
    try (Backend backend = Backends.named("cuda")) {
      Memory memory = backend.memory();
      Buffer floats = memory.allocate(DType.F32, 64);
      Buffer misaligned = memory.slice(floats, 1, 1);
      GradusException refusal =
          assertThrows(
              GradusException.class,
              () -> backend.nn().conv2d(spec, misaligned, floats, null, floats));
      assertTrue(refusal.getMessage().contains("returned 2003"), refusal.getMessage());
      assertTrue(
          refusal
              .getMessage()
              .contains("(fake cuDNN error: an address is no multiple of 16 bytes)"),
          refusal.getMessage());
      memory.free(floats);
    }
  }
}
