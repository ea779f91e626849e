package gradus.backend.cuda;

import gradus.GradusException;
import gradus.backend.BackendOptions;
import gradus.backend.ConvAccuracy;
import gradus.backend.MemoryFormat;
import java.nio.file.Path;

/**
 * What options and properties choose when the backend opens.
 *
 * @param measuredAlgorithms {@code gradus.cuda.algorithms=measured}: time the convolution
 *     algorithms at first use, rather than take cuDNN's guess ({@code heuristic}, the default). The
 *     algorithm may then differ from run to run, and with it the last bits; either way only
 *     algorithms that repeat their own bits are taken
 * @param convAccuracy strict leaves out Winograd's algorithm
 * @param channelsLast whether images lie NHWC
 * @param graphs whether calls are gathered, and sequences of them that repeat started as graphs;
 *     not where {@code CUDA_LAUNCH_BLOCKING=1} asks which kernel fails
 * @param memoryLimitBytes {@code gradus.cuda.memory}: the most bytes of tensors; default no limit
 * @param cache {@code gradus.cuda.cache}: the folder of compiled kernels; default {@code
 *     ~/.cache/gradus/cuda}
 */
record CudaSettings(
    boolean measuredAlgorithms,
    ConvAccuracy convAccuracy,
    boolean channelsLast,
    boolean graphs,
    long memoryLimitBytes,
    Path cache) {

  static CudaSettings of(BackendOptions options) {
    return new CudaSettings(
        measured(),
        options.convAccuracy(),
        options.memoryFormat() == MemoryFormat.CHANNELS_LAST,
        graphs(options),
        memoryLimit(),
        cacheFolder());
  }

  private static boolean graphs(BackendOptions options) {
    return options.graphs() && !"1".equals(System.getenv("CUDA_LAUNCH_BLOCKING"));
  }

  private static boolean measured() {
    String value = System.getProperty("gradus.cuda.algorithms", "heuristic");
    return switch (value) {
      case "heuristic" -> false;
      case "measured" -> true;
      default ->
          throw new GradusException(
              "-Dgradus.cuda.algorithms is \"" + value + "\", but must be heuristic or measured.");
    };
  }

  private static long memoryLimit() {
    String value = System.getProperty("gradus.cuda.memory");
    if (value == null) {
      return Long.MAX_VALUE;
    }
    try {
      long bytes = Long.parseLong(value);
      if (bytes > 0) {
        return bytes;
      }
    } catch (NumberFormatException e) {
      throw badLimit(value, e);
    }
    throw badLimit(value, null);
  }

  private static GradusException badLimit(String value, Throwable cause) {
    return new GradusException(
        "-Dgradus.cuda.memory is \"" + value + "\", but must be a number of bytes above 0.", cause);
  }

  private static Path cacheFolder() {
    String chosen = System.getProperty("gradus.cuda.cache");
    return chosen != null
        ? Path.of(chosen)
        : Path.of(System.getProperty("user.home"), ".cache", "gradus", "cuda");
  }
}
