package gradus.backend.cuda;

import java.util.Optional;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.cudnn;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.javacpp.Loader;

/**
 * Finds out, piece by piece, whether CUDA can be used here. The driver is asked for first, which
 * takes a millisecond where there is none; the preset classes are touched only after it, because
 * one that fails to load stays broken for the life of the process.
 */
final class CudaProbe {
  private static final String DRIVER = "libcuda.so.1";

  static {
    // JavaCPP owns no tensor here, but would count all of the process against the Java heap's
    // limit.
    if (System.getProperty("org.bytedeco.javacpp.maxphysicalbytes") == null) {
      System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
    }
  }

  private CudaProbe() {}

  /** Why CUDA cannot be used, with the remedy; never throws. */
  static Optional<String> unavailableReason() {
    if (Boolean.getBoolean("gradus.cuda.disable")) {
      return Optional.of(
          "it is switched off: start without -Dgradus.cuda.disable=true to use a GPU.");
    }
    try {
      Loader.load(Loader.class);
    } catch (LinkageError | RuntimeException broken) {
      return Optional.of(
          "JavaCPP's own library does not load (%s): add org.bytedeco:javacpp with the classifier of this platform, linux-x86_64."
              .formatted(rootMessage(broken)));
    }
    try {
      Loader.loadGlobal(DRIVER);
    } catch (LinkageError | RuntimeException missing) {
      return Optional.of(
          "there is no NVIDIA driver (%s): install driver 580 or later, Debian's package nvidia-driver-libs, or in a container start it with the GPU (docker run --gpus all)."
              .formatted(rootMessage(missing)));
    }
    try {
      Class.forName("org.bytedeco.cuda.global.cudart", false, CudaProbe.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError missing) {
      return Optional.of("its bindings are not on the class path: add org.bytedeco:cuda.");
    }
    try {
      return Libraries.unavailableReason();
    } catch (LinkageError | RuntimeException broken) {
      return Optional.of(
          "its libraries do not load (%s): check the installation of CUDA 13."
              .formatted(rootMessage(broken)));
    }
  }

  /** The message of the innermost cause. */
  static String rootMessage(Throwable broken) {
    Throwable root = broken;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }

  /** All references to the presets, in a class of its own: it loads only after the driver did. */
  private static final class Libraries {
    private static final int LEAST_CAPABILITY = 75;
    private static final String ON_PATH =
        " and make sure the loader finds it (LD_LIBRARY_PATH, or -Dorg.bytedeco.javacpp.platform.linkpath=FOLDER).";

    static Optional<String> unavailableReason() {
      return load(cudart.class, "the CUDA runtime", "libcudart.so.13", "cuda-cudart-13-0")
          .or(Libraries::unusableDevice)
          .or(() -> load(cublas.class, "cuBLAS", "libcublas.so.13", "libcublas-13-0"))
          .or(() -> load(cudnn.class, "cuDNN", "libcudnn_ops.so.9", "libcudnn9-cuda-13"))
          .or(Libraries::wrongCudnn)
          .or(() -> load(nvrtc.class, "NVRTC", "libnvrtc.so.13", "cuda-nvrtc-13-0"));
    }

    private static Optional<String> load(
        Class<?> preset, String title, String library, String packageName) {
      try {
        Loader.load(preset);
        return Optional.empty();
      } catch (LinkageError | RuntimeException broken) {
        return Optional.of(
            "%s does not load (%s): install %s, NVIDIA's package %s,%s"
                .formatted(title, rootMessage(broken), library, packageName, ON_PATH));
      }
    }

    private static Optional<String> unusableDevice() {
      int[] driver = new int[1];
      int[] count = new int[1];
      cudart.cudaDriverGetVersion(driver);
      int status = cudart.cudaGetDeviceCount(count);
      if (status != 0) {
        return Optional.of(
            "no device answers (%s: %s; driver for CUDA %s): install driver 580 or later, and check that nvidia-smi shows the GPU."
                .formatted(
                    cudart.cudaGetErrorName(status).getString(),
                    cudart.cudaGetErrorString(status).getString(),
                    CudaVersion.of(driver[0])));
      }
      if (count[0] == 0) {
        return Optional.of(
            "no CUDA device is visible: check CUDA_VISIBLE_DEVICES, which is %s, and nvidia-smi."
                .formatted(visibleDevices()));
      }
      for (int device = 0; device < count[0]; device++) {
        if (CudaVersion.capability(device) >= LEAST_CAPABILITY) {
          return Optional.empty();
        }
      }
      int capability = CudaVersion.capability(0);
      return Optional.of(
          "the GPU is too old: its compute capability is %d.%d, but CUDA 13 needs 7.5 (Turing) or later."
              .formatted(capability / 10, capability % 10));
    }

    private static Optional<String> wrongCudnn() {
      long version = cudnn.cudnnGetVersion();
      return version / 10_000 == 9
          ? Optional.empty()
          : Optional.of(
              "cuDNN %d is installed, but version 9 is needed: install NVIDIA's package libcudnn9-cuda-13."
                  .formatted(version));
    }

    private static String visibleDevices() {
      String value = System.getenv("CUDA_VISIBLE_DEVICES");
      return value == null ? "not set" : "\"" + value + "\"";
    }
  }
}
