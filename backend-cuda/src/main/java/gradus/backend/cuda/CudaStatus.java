package gradus.backend.cuda;

import gradus.GradusException;
import java.nio.charset.StandardCharsets;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.cudnn;
import org.bytedeco.cuda.global.nccl;
import org.bytedeco.cuda.global.nvrtc;

/** Turns the status a CUDA library returned into an exception, unless it is 0. */
final class CudaStatus {
  private static final int MOST_WORDS = 1000; // bytes

  private CudaStatus() {}

  /** Of the runtime or the driver, which share their numbers. */
  static void cuda(int status, String call) {
    if (status != 0) {
      throw failure("CUDA", call, status, cudart.cudaGetErrorString(status).getString());
    }
  }

  /**
   * Takes back the runtime's last error, which somebody has dealt with: the next call that asks
   * would report it again, and cuDNN asks.
   */
  static void forget() {
    cudart.cudaGetLastError();
  }

  static void cublas(int status, String call) {
    if (status != 0) {
      throw failure("cuBLAS", call, status, cublas.cublasGetStatusString(status).getString());
    }
  }

  /**
   * Of cuDNN.
   *
   * @throws CudnnRefusal where another way might do
   */
  static void cudnn(int status, String call) {
    if (status != 0) {
      String words = wordsOfCudnn(status);
      GradusException failure = failure("cuDNN", call, status, words);
      throw CudnnRefusal.is(status)
          ? new CudnnRefusal(status, reason(status, words), failure.getMessage())
          : failure;
    }
  }

  /** The status in words, and what cuDNN says of the call that failed last. */
  private static String wordsOfCudnn(int status) {
    String words = cudnn.cudnnGetErrorString(status).getString();
    byte[] reason = new byte[MOST_WORDS];
    cudnn.cudnnGetLastErrorString(reason, reason.length);
    String said = new String(reason, StandardCharsets.UTF_8).trim(); // of zeros behind its end too
    return said.isEmpty() ? words : words + ": " + said;
  }

  static void nccl(int status, String call) {
    if (status != 0) {
      throw failure("NCCL", call, status, nccl.ncclGetErrorString(status).getString());
    }
  }

  static void nvrtc(int status, String call) {
    if (status != 0) {
      throw failure("NVRTC", call, status, nvrtc.nvrtcGetErrorString(status).getString());
    }
  }

  private static GradusException failure(String library, String call, int status, String words) {
    return new GradusException(
        "%s failed: %s %s. An earlier kernel may be the cause; run with CUDA_LAUNCH_BLOCKING=1 to find it, or on the CPU with --backend cpu."
            .formatted(library, call, reason(status, words)));
  }

  private static String reason(int status, String words) {
    return "returned %d (%s)".formatted(status, words);
  }
}
