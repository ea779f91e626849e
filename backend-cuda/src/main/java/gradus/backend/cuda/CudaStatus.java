package gradus.backend.cuda;

import gradus.GradusException;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.cudnn;
import org.bytedeco.cuda.global.nccl;
import org.bytedeco.cuda.global.nvrtc;

/** Turns the status a CUDA library returned into an exception, unless it is 0. */
final class CudaStatus {
  private CudaStatus() {}

  /** Of the runtime or the driver, which share their numbers. */
  static void cuda(int status, String call) {
    if (status != 0) {
      throw failure("CUDA", call, status, cudart.cudaGetErrorString(status).getString());
    }
  }

  static void cublas(int status, String call) {
    if (status != 0) {
      throw failure("cuBLAS", call, status, cublas.cublasGetStatusString(status).getString());
    }
  }

  static void cudnn(int status, String call) {
    if (status != 0) {
      throw failure("cuDNN", call, status, cudnn.cudnnGetErrorString(status).getString());
    }
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
        "%s failed: %s returned %d (%s). An earlier kernel may be the cause; run with CUDA_LAUNCH_BLOCKING=1 to find it, or on the CPU with --backend cpu."
            .formatted(library, call, status, words));
  }
}
